import { groupSpans } from '../../../cli/audit/spans.ts';
import { dayMs } from '../../../lambda/common/time.ts';

const now = Date.UTC(2026, 10, 28, 12);
const range = { startEpochMs: now - 30 * dayMs, endEpochMs: now };
const task = 'airflow-prod-Task';

function spansOf(facts: { createdEpochMs?: number; retentionDays?: number }) {
  const { missing: _, ...spans } = groupSpans('prod', new Map([[task, facts]]), range, now);
  return spans;
}

test('a group older than the range is read from the start of the range', () => {
  expect(spansOf({ createdEpochMs: 0 })).toEqual({
    spans: [{ logGroup: task, window: range }],
    gone: [],
    before: [],
  });
});

test('the time before its creation is not gone', () => {
  const created = now - 10 * dayMs + 500;
  const from = now - 10 * dayMs;
  expect(spansOf({ createdEpochMs: created, retentionDays: 90 })).toEqual({
    spans: [{ logGroup: task, window: { ...range, startEpochMs: from } }],
    gone: [],
    before: [{ logGroup: task, window: { ...range, endEpochMs: from } }],
  });
});

test('the time before its retention is gone', () => {
  const kept = now - 7 * dayMs;
  expect(spansOf({ createdEpochMs: 0, retentionDays: 7 })).toEqual({
    spans: [{ logGroup: task, window: { ...range, startEpochMs: kept } }],
    gone: [{ logGroup: task, window: { ...range, endEpochMs: kept } }],
    before: [],
  });
});

test('a group whose events in the range have expired is not read', () => {
  const old = { startEpochMs: now - 30 * dayMs, endEpochMs: now - 20 * dayMs };
  const facts = new Map([[task, { createdEpochMs: 0, retentionDays: 7 }]]);
  const { spans, gone } = groupSpans('prod', facts, old, now);
  expect(spans).toEqual([]);
  expect(gone).toEqual([{ logGroup: task, window: old }]);
});

test('groups of the environment that do not exist are missing', () => {
  const { missing } = groupSpans('prod', new Map([[task, {}]]), range, now);
  expect(missing).toEqual([
    'airflow-prod-DAGProcessing',
    'airflow-prod-Scheduler',
    'airflow-prod-WebServer',
    'airflow-prod-Worker',
  ]);
});
