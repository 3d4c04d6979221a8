import fc from 'fast-check';
import { dayMs, hourMs } from '../../../lambda/common/time.ts';
import {
  type GroupPast,
  type GroupSilence,
  historyHours,
  historyUntil,
  judgeSilence,
} from '../../../lambda/coverage/group-silence.ts';

/** Monday, 2026-03-02, 00:00 UTC. */
const monday = Date.UTC(2026, 2, 2);
const [group, sibling] = ['airflow-prod-Task', 'airflow-prod-Scheduler'];

/** Whether events come in during an hour. */
type Habit = (hour: number) => boolean;

const always: Habit = () => true;
const never: Habit = () => false;
const utcHour = (hour: number) => new Date(hour).getUTCHours();
const isWeekday = (hour: number) => new Date(hour).getUTCDay() % 6 !== 0;
const nightly: Habit = (hour) => utcHour(hour) === 2;
const officeHours: Habit = (hour) => isWeekday(hour) && utcHour(hour) >= 8 && utcHour(hour) < 18;
const until =
  (habit: Habit, endEpochMs: number): Habit =>
  (hour) =>
    hour < endEpochMs && habit(hour);
const butFor =
  (habit: Habit, startEpochMs: number, endEpochMs: number): Habit =>
  (hour) =>
    (hour < startEpochMs || hour >= endEpochMs) && habit(hour);
const and =
  (...habits: readonly Habit[]): Habit =>
  (hour) =>
    habits.every((habit) => habit(hour));

function hoursOf(habit: Habit, untilEpochMs: number): Set<number> {
  const hours = Array.from({ length: historyHours }, (_, at) => untilEpochMs - (at + 1) * hourMs);
  return new Set(hours.filter(habit));
}

/** The judgement of the group at a full hour. */
function judged(
  habit: Habit,
  untilEpochMs: number,
  { others = [always], past = {} }: { others?: readonly Habit[]; past?: GroupPast } = {},
): GroupSilence | undefined {
  const wroteEpochMs = new Map([
    [group, hoursOf(habit, untilEpochMs)],
    ...others.map((other, at): [string, Set<number>] => [
      `${sibling}${at}`,
      hoursOf(other, untilEpochMs),
    ]),
  ]);
  return judgeSilence({ untilEpochMs, wroteEpochMs }, new Map([[group, past]])).get(group);
}

/** The full hours of a span at which the group is judged silent. */
function silentHours(habit: Habit, days: number, startEpochMs = monday + 14 * dayMs): string[] {
  return Array.from({ length: days * 24 }, (_, at) => startEpochMs + at * hourMs)
    .filter((hour) => judged(habit, hour)?.kind === 'silent')
    .map((hour) => new Date(hour).toISOString().slice(5, 13));
}

describe('a group that continues its habit is never silent', () => {
  test.each<[string, Habit]>([
    ['it writes all the time', always],
    ['a batch runs at night', nightly],
    ['a batch runs at midnight', (hour) => utcHour(hour) === 0],
    ['it works from Monday to Friday', officeHours],
    ['a nightly batch runs from Monday to Friday', and(nightly, isWeekday)],
    ['it writes at weekends only', (hour) => !isWeekday(hour)],
    ['a batch runs once a week', and(nightly, (hour) => new Date(hour).getUTCDay() === 3)],
    ['a batch runs each third hour', (hour) => utcHour(hour) % 3 === 0],
    [
      'it works all day, and a nightly batch runs at weekends too',
      (hour) => nightly(hour) || officeHours(hour),
    ],
    ['it never wrote', never],
  ])('%s', (_, habit) => {
    expect(silentHours(habit, 14)).toEqual([]);
  });

  test('a batch that follows local time moves by an hour when summer time begins and ends', () => {
    const summer = (hour: number) =>
      hour >= Date.UTC(2026, 2, 29, 1) && hour < Date.UTC(2026, 9, 25, 1);
    const localHour: Habit = (hour) => utcHour(hour) === (summer(hour) ? 1 : 2);
    expect(silentHours(localHour, 14, Date.UTC(2026, 2, 23))).toEqual([]);
    expect(silentHours(localHour, 14, Date.UTC(2026, 9, 19))).toEqual([]);
  });

  test('a batch begins up to an hour earlier or two hours later than on other days', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 40, maxLength: 40 }),
        (shifts) => {
          // One day is unlike the others.
          const habit: Habit = (hour) => {
            const day = Math.floor((hour - monday + dayMs / 2) / dayMs);
            return utcHour(hour) === 5 + (day === 18 ? (shifts[day] ?? 0) : 0);
          };
          expect(silentHours(habit, 10)).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each([0.3, 0.5, 0.6, 0.7, 0.9, 0.98, 0.99])(
    'it writes at random, in %d of all hours: hardly ever taken for silent',
    (share) => {
      // A hash of the hour, so that the habit is the same in each judgement.
      const habit: Habit = (hour) => {
        const mixed = Math.imul((hour / hourMs) ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
        return (Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0) / 2 ** 32 < share;
      };
      const weeks = 12;
      expect(silentHours(habit, 7 * weeks).length).toBeLessThanOrEqual(weeks / 2);
    },
  );
});

describe('a group that falls silent while a sibling writes', () => {
  const stop = monday + 16 * dayMs + 10 * hourMs;

  test('is silent after four hours, with the hour that it missed and the groups that wrote', () => {
    // It rested for an hour a day before: it is not known to write in all of them.
    const usual = butFor(always, stop - 30 * hourMs, stop - 29 * hourMs);
    expect(judged(until(usual, stop), stop + 3 * hourMs)).toEqual({ kind: 'as-usual' });
    expect(judged(until(usual, stop), stop + 4 * hourMs)).toEqual({
      kind: 'silent',
      sinceEpochMs: stop,
      missedEpochMs: stop + hourMs,
      wroteOnDays: 7,
      aliveGroups: [`${sibling}0`],
    });
  });

  test('and wrote in each hour of a week is silent after two hours', () => {
    expect(judged(until(always, stop), stop + hourMs)).toEqual({ kind: 'as-usual' });
    expect(judged(until(always, stop), stop + 2 * hourMs)).toEqual({
      kind: 'silent',
      sinceEpochMs: stop,
      missedEpochMs: stop,
      wroteOnDays: 7,
      aliveGroups: [`${sibling}0`],
    });
    const others = [butFor(always, stop + hourMs, stop + 2 * hourMs)];
    expect(judged(until(always, stop), stop + 2 * hourMs, { others })?.kind).toBe('as-usual');
    const past = { offUntilEpochMs: stop + 2 * hourMs };
    expect(judged(until(always, stop), stop + 2 * hourMs, { past })?.kind).toBe('as-usual');
  });

  test('of a nightly batch is silent two hours after its hour, and not before its night', () => {
    const last = monday + 15 * dayMs + 3 * hourMs;
    expect(silentHours(until(nightly, last), 1, last)).toEqual([]);
    const firstLooks = silentHours(until(nightly, last), 1, last + 12 * hourMs);
    expect(firstLooks[0]).toBe('03-18T05');
  });

  test('of a batch from Monday to Friday is silent on Monday, not at the weekend', () => {
    const friday = monday + 4 * dayMs + 7 * dayMs + 18 * hourMs;
    const looks = silentHours(until(officeHours, friday), 4, friday);
    // At eight it begins to work.
    expect(looks[0]).toBe('03-16T11');
  });

  test('has the same start of its silence, whenever it is judged', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 24 }), (hours) => {
        expect(judged(until(always, stop), stop + hours * hourMs)).toMatchObject({
          kind: 'silent',
          sinceEpochMs: stop,
        });
      }),
    );
  });

  test('is as usual again with its first event', () => {
    const back = stop + 9 * hourMs;
    expect(judged(butFor(always, stop, back), back)?.kind).toBe('silent');
    expect(judged(butFor(always, stop, back), back + hourMs)?.kind).toBe('as-usual');
  });

  test('is not hidden by a day on which it was silent before', () => {
    const before = butFor(always, stop - dayMs, stop - dayMs + 6 * hourMs);
    const looks = silentHours(until(before, stop), 1, stop);
    expect(looks[0]).toBe('03-18T19');
  });

  test('is silent although somebody added events to its history', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: historyHours })), (added) => {
        const extra = new Set(added.map((at) => stop - (at + 1) * hourMs));
        const habit: Habit = (hour) => hour < stop && (extra.has(hour) || always(hour));
        expect(judged(habit, stop + 4 * hourMs)?.kind).toBe('silent');
      }),
    );
  });
});

describe('a group is not silent when', () => {
  const stop = monday + 16 * dayMs + 10 * hourMs;
  const later = stop + 8 * hourMs;

  test('the whole environment has stopped, or the metric has no values at all', () => {
    expect(judged(until(always, stop), later, { others: [until(always, stop)] })?.kind).toBe(
      'all-silent',
    );
    expect(judged(never, later, { others: [never] })?.kind).toBe('not-enough-history');
  });

  test('the environment had stopped, and its siblings write again earlier than the group', () => {
    const others = [butFor(always, stop, later - hourMs)];
    expect(judged(until(always, stop), later, { others })?.kind).toBe('as-usual');
    expect(judged(until(always, stop), later + 4 * hourMs, { others })?.kind).toBe('silent');
  });

  test('a sibling wrote in only some of the hours', () => {
    const others: Habit[] = [(hour) => hour < stop || utcHour(hour) % 2 === 1];
    expect(judged(until(always, stop), later, { others })?.kind).toBe('as-usual');
  });

  test("the environment is new, and the group's habit not known", () => {
    const begun: Habit = (hour) => hour >= stop - 5 * dayMs;
    expect(judged(until(begun, stop), later, { others: [begun] })?.kind).toBe('not-enough-history');
  });

  test('the group was recreated: the events of the earlier one are not its history', () => {
    const past = { createdEpochMs: stop };
    expect(judged(until(always, stop), later, { past })?.kind).toBe('not-enough-history');
  });

  test('it was switched off until a moment ago', () => {
    expect(judged(until(always, stop), later, { past: { offUntilEpochMs: later } })).toEqual({
      kind: 'as-usual',
    });
    const past = { offUntilEpochMs: later - 5 * hourMs };
    expect(judged(until(always, stop), later, { past })).toMatchObject({
      kind: 'silent',
      sinceEpochMs: later - 5 * hourMs,
    });
  });
});

test('each group is judged by the others', () => {
  const stop = monday + 16 * dayMs;
  const wroteEpochMs = new Map(
    [until(always, stop), until(always, stop), always].map((habit, at) => [
      `g${at}`,
      hoursOf(habit, stop + 5 * hourMs),
    ]),
  );
  const kinds = [...judgeSilence({ untilEpochMs: stop + 5 * hourMs, wroteEpochMs })].map(
    ([name, { kind }]) => [name, kind],
  );
  expect(kinds).toEqual([
    ['g0', 'silent'],
    ['g1', 'silent'],
    ['g2', 'as-usual'],
  ]);
});

test.each([
  ['09:00', '08:00'],
  ['09:14', '08:00'],
  ['09:15', '09:00'],
  ['09:59', '09:00'],
])('at %s the hour that ended at %s is the last with all its values', (at, end) => {
  expect(historyUntil(Date.parse(`2026-03-02T${at}:00Z`))).toBe(
    Date.parse(`2026-03-02T${end}:00Z`),
  );
});
