import { hourMs } from '../../../lambda/common/time.ts';
import { isHistoryDue, silenceChange } from '../../../lambda/coverage/coverage-change.ts';
import { historyHours } from '../../../lambda/coverage/group-silence.ts';
import type { BlindCause, GroupCoverage } from '../../../lambda/model/coverage.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';

const stop = Date.parse('2026-03-18T10:00:00Z');
const groupNames = logTypes.map((logType) => logGroupName('prod', logType));
const [, , task = ''] = groupNames;
const existing = { kind: 'known', logGroups: new Map() } as const;

/** Each group writes in each hour, except in those of its span. */
function historyAt(
  untilEpochMs: number,
  quiet: Readonly<Record<string, readonly [number, number]>> = {},
) {
  const hours = Array.from({ length: historyHours }, (_, at) => untilEpochMs - (at + 1) * hourMs);
  const wroteEpochMs = new Map(
    groupNames.map((name) => {
      const [from, to] = quiet[name] ?? [0, 0];
      return [name, new Set(hours.filter((hour) => hour < from || hour >= to))];
    }),
  );
  return { untilEpochMs, wroteEpochMs };
}

const silentFrom = (untilEpochMs: number, to = Number.POSITIVE_INFINITY) =>
  historyAt(untilEpochMs, { [task]: [stop, to] });

function groups(of: Partial<GroupCoverage> = {}): GroupCoverage[] {
  return logTypes.map((logType, at) => {
    const logGroup = groupNames[at] ?? '';
    return { logType, logGroup, scan: true, ...(logType === 'Task' && of) };
  });
}

function surroundings(untilEpochMs: number, of: Partial<GroupCoverage> = {}) {
  return { groups: groups(of), existing, tickEpochMs: untilEpochMs + 15 * 60_000 };
}

type State = ReturnType<typeof silenceChange>['state'] | undefined;

/** The findings hour by hour, and the state at the end. */
function hourByHour(
  hours: number,
  historyOf: (untilEpochMs: number) => ReturnType<typeof historyAt>,
  before?: State,
) {
  let state = before;
  const told: [number, string][] = [];
  for (let hour = 0; hour <= hours; hour += 1) {
    const untilEpochMs = stop + hour * hourMs;
    const change = silenceChange(state, historyOf(untilEpochMs), surroundings(untilEpochMs));
    for (const { logGroups } of change.findings) told.push([hour, logGroups.join()]);
    state = change.state;
  }
  return { told, state };
}

test('a silence is reported once, however long it lasts', () => {
  expect(hourByHour(80, (until) => silentFrom(until)).told).toEqual([[2, task]]);
});

test('a nightly batch that is missing night after night is reported once', () => {
  const { told } = hourByHour(80, (until) => {
    const history = silentFrom(until);
    const nights = [...(history.wroteEpochMs.get(task) ?? [])].filter(
      (hour) => new Date(hour).getUTCHours() === 2,
    );
    return {
      ...history,
      wroteEpochMs: new Map([...history.wroteEpochMs, [task, new Set(nights)]]),
    };
  });
  // Its next night begins sixteen hours later.
  expect(told).toEqual([[19, task]]);
});

test('a silence after the group wrote again is reported again', () => {
  const back = stop + 6 * hourMs;
  const again = stop + 9 * hourMs;
  const { told } = hourByHour(20, (until) => {
    const history = silentFrom(until);
    const wrote = history.wroteEpochMs.get(task);
    for (let hour = back; hour < Math.min(again, until); hour += hourMs) wrote?.add(hour);
    return history;
  });
  expect(told).toEqual([
    [2, task],
    [13, task],
  ]);
});

test('the finding names the group, the time, the missed hour and the groups that wrote, with low severity', () => {
  const untilEpochMs = stop + 4 * hourMs;
  const { findings } = silenceChange(
    undefined,
    silentFrom(untilEpochMs),
    surroundings(untilEpochMs),
  );
  expect(findings).toEqual([
    {
      detection: 'log-group-silent',
      identity: [task, stop],
      severity: 'low',
      title: `log group ${task} fell silent: no event came in from 2026-03-18T10:00:00.000Z to 2026-03-18T14:00:00.000Z, though in the hour of 10:00 UTC it wrote on each of the seven days before, and ${groupNames.filter((name) => name !== task).join(', ')} went on writing`,
      logGroups: [task],
      startEpochMs: stop,
      endEpochMs: untilEpochMs,
    },
  ]);
});

test('the finding is the same, whichever hour finds it: a lost state notifies nobody twice', () => {
  const identities = [4, 5, 12].map((hours) => {
    const untilEpochMs = stop + hours * hourMs;
    const { findings } = silenceChange(
      undefined,
      silentFrom(untilEpochMs),
      surroundings(untilEpochMs),
    );
    return findings.map(({ identity }) => identity);
  });
  expect(identities).toEqual([[[task, stop]], [[task, stop]], [[task, stop]]]);
});

test('without an answer nothing is reported, and the state stays', () => {
  const { state } = hourByHour(5, (until) => silentFrom(until));
  const next = silenceChange(state, undefined, surroundings(stop + 6 * hourMs));
  expect(next).toEqual({ state, findings: [] });
});

test.each<[string, BlindCause]>([
  ['is switched off', 'disabled'],
  ['is missing', 'missing'],
  ['is set above INFO', 'level-above-info'],
  ['belongs to no environment any more', 'environment-not-found'],
  ['counts as blind for its silence', 'silent'],
])('a group that %s is reported for that, not again for its silence', (_, cause) => {
  const untilEpochMs = stop + 5 * hourMs;
  const blind = { cause, detail: 'd' };
  const of = surroundings(untilEpochMs, { blind });
  expect(silenceChange(undefined, silentFrom(untilEpochMs), of).findings).toEqual([]);
});

test('a group that may be off, and is, is not silent', () => {
  const untilEpochMs = stop + 5 * hourMs;
  const of = surroundings(untilEpochMs, { off: { cause: 'disabled', detail: 'd' } });
  expect(silenceChange(undefined, silentFrom(untilEpochMs), of).findings).toEqual([]);
});

test('a group that cannot be read can also fall silent', () => {
  const untilEpochMs = stop + 5 * hourMs;
  const of = surroundings(untilEpochMs, { blind: { cause: 'query-denied', detail: 'd' } });
  expect(silenceChange(undefined, silentFrom(untilEpochMs), of).findings).toHaveLength(1);
});

test('a group that was off does not miss hours before it was switched on', () => {
  const off = surroundings(stop + 5 * hourMs, { blind: { cause: 'disabled', detail: 'd' } });
  const { state } = silenceChange(undefined, silentFrom(stop + 5 * hourMs), off);
  expect(state.offUntil).toEqual({ [task]: off.tickEpochMs });
  const { told } = hourByHour(20, (until) => silentFrom(until), state);
  // Off until a quarter past three; the first hour that it can miss is five, judged after seven.
  expect(told).toEqual([[10, task]]);
});

test('if all groups stop, none of them is silent', () => {
  const all = (until: number) =>
    historyAt(
      until,
      Object.fromEntries(groupNames.map((name) => [name, [stop, Number.POSITIVE_INFINITY]])),
    );
  expect(hourByHour(30, all).told).toEqual([]);
});

test.each([
  ['09:15', '09:20', false],
  ['09:15', '10:14', false],
  ['09:15', '10:15', true],
])('a history that was judged at %s is loaded again at %s: %s', (before, now, isDue) => {
  const at = (time: string) => Date.parse(`2026-03-18T${time}:00Z`);
  const judgedUntilEpochMs = Math.floor((at(before) - 15 * 60_000) / hourMs) * hourMs;
  expect(isHistoryDue({ judgedUntilEpochMs, told: {}, offUntil: {} }, at(now))).toBe(isDue);
  expect(isHistoryDue(undefined, at(now))).toBe(true);
});
