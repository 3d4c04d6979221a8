import {
  type SliceRecord,
  saveSliceRecord,
  sliceKey,
  slicesCountedIn,
} from '../../../lambda/ledger/marks.ts';
import { loadUnreported } from '../../../lambda/ledger/quarantine.ts';
import { dynaliteLedger } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');

function slice(changes: Partial<SliceRecord> = {}): SliceRecord {
  return {
    ...{ lane: 'scan', logGroup: 'airflow-prod-Task', startEpochMs: 60_000, endEpochMs: 120_000 },
    ...{ outcome: 'scanned', tickEpochMs, covered: true, rows: 3, bytes: 100, matches: 2 },
    ...{ privilegeChanges: 1, suppressedChanges: 0, lateChanges: 0 },
    ...changes,
  };
}

test('the slices that count in a tick are those of all lanes and groups, without those of other ticks', async () => {
  const { matches: _, ...swept } = slice({ lane: 'near', lateChanges: 1 });
  const gap = slice({ logGroup: 'airflow-prod-Worker', outcome: 'gap', reason: 'retention' });
  const later = slice({ tickEpochMs: tickEpochMs + 60_000 });
  for (const record of [slice(), swept, gap, later]) await saveSliceRecord(ledger.table, record);
  expect(await slicesCountedIn(ledger.table, tickEpochMs)).toEqual([swept, slice(), gap]);
  expect(await slicesCountedIn(ledger.table, later.tickEpochMs)).toEqual([later]);
  expect(await slicesCountedIn(ledger.table, 0)).toEqual([]);
});

test('a slice that is saved again is one slice', async () => {
  await saveSliceRecord(ledger.table, slice());
  await saveSliceRecord(ledger.table, slice());
  expect(await slicesCountedIn(ledger.table, tickEpochMs)).toEqual([slice()]);
});

test('a slice is identified by its start: its end may still change', () => {
  expect(sliceKey(slice({ endEpochMs: 90_000 }))).toBe(sliceKey(slice()));
  const others = [{ lane: 'far' } as const, { logGroup: 'x' }, { startEpochMs: 60_001 }];
  const keys = others.map((changes) => sliceKey(slice(changes)));
  expect(new Set([sliceKey(slice()), ...keys]).size).toBe(4);
});

test('a slice expires with the findings of its time, 400 days after its tick', async () => {
  await saveSliceRecord(ledger.table, slice());
  const [item] = await ledger.table.query('tick#2026-03-01T09:00:00.000Z', {
    beginsWith: 'slice#',
  });
  expect(item?.expiresAt).toBe(tickEpochMs / 1000 + 400 * 86_400);
});

test('a slice with an invalid count is not stored, and that is reported', async () => {
  await saveSliceRecord(ledger.table, slice({ rows: -1 }));
  expect(await slicesCountedIn(ledger.table, tickEpochMs)).toEqual([]);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([
    { problem: expect.stringMatching(/^not stored: field "rows"/) },
  ]);
});

test('a slice that cannot be read is set aside, and the others count', async () => {
  await saveSliceRecord(ledger.table, slice());
  const pk = `tick#${new Date(tickEpochMs).toISOString()}`;
  await ledger.table.put({ pk, sk: 'slice#scan#airflow-prod-Task#0', data: '{}' });
  expect(await slicesCountedIn(ledger.table, tickEpochMs)).toEqual([slice()]);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([{ itemPk: pk }]);
});
