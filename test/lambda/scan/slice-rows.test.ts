import { observe } from '../../../lambda/lines/event-identity.ts';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import { type AnswerBudget, type RowReader, SliceRows } from '../../../lambda/scan/slice-rows.ts';
import { containing } from '../setup/pack-fixture.ts';

const epochMs = Date.parse('2026-03-01T09:00:00Z');
const slice = {
  logGroups: ['airflow-prod-Task'],
  window: { startEpochMs: epochMs, endEpochMs: epochMs + 60_000 },
};
const unbounded: AnswerBudget = {
  rowsMax: Number.POSITIVE_INFINITY,
  bytesMax: Number.POSITIVE_INFINITY,
  keptBytesMax: Number.POSITIVE_INFINITY,
};

function rows(count: number, message: string) {
  return Array.from({ length: count }, (_, at) =>
    Object.entries({
      '@timestamp': String(epochMs + at),
      '@log': '123456789012:airflow-prod-Task',
      '@logStream': 's',
      '@message': message,
    }).map(([field, value]) => ({ field, value })),
  );
}

/** How many rows of an answer a budget allows. */
function taken(budget: Partial<AnswerBudget>, count: number, message: string) {
  const reader: RowReader = {
    verdicts: new Verdicts([containing('every', '')]),
    observe: (event) => observe(event, []),
  };
  const answer = new SliceRows(reader, slice).open({ ...unbounded, ...budget });
  const wish = answer.take(rows(count, message));
  return { wish, events: answer.events.size };
}

test('an answer is taken to its end while it is within its budget', () => {
  expect(taken({}, 100, 'x')).toEqual({ wish: 'more', events: 100 });
});

test.each([
  ['rows', { rowsMax: 10 }],
  ['bytes of rows', { bytesMax: 10_000 }],
  ['bytes of events in memory', { keptBytesMax: 10_000 }],
] as const)('an answer with more %s than its budget is cut off', (_, budget) => {
  const { wish, events } = taken(budget, 100, 'x'.repeat(1_000));
  expect(wish).toBe('enough');
  expect(events).toBeGreaterThan(0);
  expect(events).toBeLessThan(20);
});

/** Rows of one second, as one answer and then as another. */
function readBy(candidates: readonly Candidate[], ...answers: readonly (readonly string[])[]) {
  const observed: string[][] = [];
  const reader: RowReader = {
    verdicts: new Verdicts(candidates),
    observe: (event) => {
      observed.push([event.message, ...event.detections]);
      return observe(event, []);
    },
  };
  const all = new SliceRows(reader, slice);
  for (const messages of answers) {
    const answer = all.open(unbounded);
    answer.take(messages.flatMap((message) => rows(1, message)));
    all.add(answer);
  }
  const events = [...all.eventsBefore(slice.window.endEpochMs).values()].flat();
  return { all, observed, events: events.map(({ seen }) => [seen.message, seen.occurrences]) };
}

test('an event has the detections of its verdict, whichever texts found it, and is read once', () => {
  const { observed, events } = readBy(
    [containing('a', 'x'), containing('b', 'y')],
    ['x y', 'x'],
    ['x y', 'y', 'x y'],
  );
  expect(observed).toEqual([
    ['x y', 'a', 'b'],
    ['x', 'a'],
    ['y', 'b'],
  ]);
  // The highest number that one text saw.
  expect(events).toEqual([
    ['x y', 2],
    ['x', 1],
    ['y', 1],
  ]);
});

test('a row whose event belongs to no detection is skipped, and counted by its time', () => {
  const { all, events } = readBy([containing('a', 'x')], ['x', 'other', 'and another']);
  expect(events).toEqual([['x', 1]]);
  expect(all.unreadable).toEqual([]);
  expect(all.unclaimedBefore(slice.window.endEpochMs)).toBe(2);
  expect(all.unclaimedBefore(epochMs)).toBe(0);
});

test('a row that cannot be decided for one detection is reported without its text; its other detections count', () => {
  const broken: Candidate = {
    ...containing('broken', 'x'),
    condition: { field: 'message', like: '(', program: 'no program' },
  };
  const { all, observed } = readBy([broken, containing('a', 'x')], ['x secret', 'secret']);
  expect(observed).toEqual([['x secret', 'a']]);
  expect(all.unreadable).toEqual([
    {
      logGroup: 'airflow-prod-Task',
      count: 2,
      problem: 'cannot be decided for broken',
      fields: ['@timestamp', '@log', '@logStream', '@message'],
    },
  ]);
  expect(all.unclaimedBefore(slice.window.endEpochMs)).toBe(0);
});
