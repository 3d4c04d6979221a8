import { deadlineIn } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { type SliceRecord, saveSliceRecord } from '../../../lambda/ledger/marks.ts';
import { addCounted, countedSlices } from '../../../lambda/record/tick-context.ts';
import { healthyMonitor } from '../setup/monitor-fixture.ts';

const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');

function slice(startEpochMs: number, changes: Partial<SliceRecord> = {}): SliceRecord {
  return {
    ...{ lane: 'scan', logGroup: 'airflow-prod-Task', startEpochMs, endEpochMs: startEpochMs + 1 },
    ...{ outcome: 'scanned', tickEpochMs, covered: true, rows: 0, bytes: 0 },
    ...{ privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
    ...changes,
  };
}

function fixture() {
  const { shell, timer, table: memory } = healthyMonitor();
  const table = new LedgerTable(shell, 'ledger', deadlineIn(timer, 60_000));
  const context = { table, countedSlices: new Map<number, SliceRecord[]>() };
  const queries = () => memory.calls.filter(({ operation }) => operation === 'Query').length;
  return { table, context, queries };
}

test('the ledger is read once per tick; slices added since are included', async () => {
  const { table, context, queries } = fixture();
  await saveSliceRecord(table, slice(1));
  await addCounted(context, slice(2));
  await addCounted(context, slice(3));
  expect(await countedSlices(context, tickEpochMs)).toEqual([slice(1), slice(2), slice(3)]);
  expect(queries()).toBe(1);
});

test('a slice whose record was read from the ledger is not counted twice', async () => {
  const { table, context } = fixture();
  await saveSliceRecord(table, slice(1));
  await addCounted(context, slice(1));
  expect(await countedSlices(context, tickEpochMs)).toHaveLength(1);
});

test('slices of another lane, log group or tick are distinct', async () => {
  const { context } = fixture();
  const later = { tickEpochMs: tickEpochMs + 60_000 };
  for (const changes of [{}, { lane: 'near' } as const, { logGroup: 'other' }, later]) {
    await addCounted(context, slice(1, changes));
  }
  expect(await countedSlices(context, tickEpochMs)).toHaveLength(3);
  expect(await countedSlices(context, later.tickEpochMs)).toEqual([slice(1, later)]);
});
