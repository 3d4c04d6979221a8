import { observe } from '../../lambda/findings/event-identity.ts';
import { type AnswerBudget, type RowReader, SliceRows } from '../../lambda/slice-rows.ts';
import { Verdicts } from '../../lambda/verdicts.ts';
import { containing } from './pack-fixture.ts';

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

/** How many rows of an answer are taken within a budget. */
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
