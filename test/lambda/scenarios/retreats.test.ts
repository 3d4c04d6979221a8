import { loadUnreported } from '../../../lambda/ledger/quarantine.ts';
import { loadRetreats, saveRetreats } from '../../../lambda/ledger/stored-refusals.ts';
import { type Retreat, retreatKey } from '../../../lambda/model/retreat.ts';
import { dynaliteLedger } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const key = retreatKey('scan', 'airflow-prod-Task');
const retreat: Retreat = { widthSeconds: 150, alone: true, step: 'whole', untilEpochMs: 9_000 };

test('retreats are read as they were saved, the latest ones', async () => {
  await saveRetreats(ledger.table, new Map([[key, { ...retreat, widthSeconds: 300 }]]));
  await saveRetreats(ledger.table, new Map([[key, retreat]]));
  expect(await loadRetreats(ledger.table)).toEqual(new Map([[key, retreat]]));
});

test('without one, everything is read as wide as it is allowed', async () => {
  expect(await loadRetreats(ledger.table)).toEqual(new Map());
});

test.each([0, 0.5, Number.NaN])(
  'a width of %d seconds is not stored: what was stored before holds, and it is reported',
  async (widthSeconds) => {
    await saveRetreats(ledger.table, new Map([[key, retreat]]));
    await saveRetreats(ledger.table, new Map([[key, { ...retreat, widthSeconds }]]));
    expect(await loadRetreats(ledger.table)).toEqual(new Map([[key, retreat]]));
    expect((await loadUnreported(ledger.table)).items).toMatchObject([
      { itemSk: 'retreats', problem: expect.stringContaining('widthSeconds') },
    ]);
  },
);

test('an entry that cannot be read is left out, and the others are read', async () => {
  const data = JSON.stringify({ [key]: retreat, other: { widthSeconds: -1 } });
  await ledger.table.put({ pk: 'state', sk: 'retreats', data });
  expect(await loadRetreats(ledger.table)).toEqual(new Map([[key, retreat]]));
});

test('an item that cannot be read is set aside, and nothing is known of it', async () => {
  await ledger.table.put({ pk: 'state', sk: 'retreats', data: '[]' });
  expect(await loadRetreats(ledger.table)).toEqual(new Map());
  expect((await loadUnreported(ledger.table)).items).toHaveLength(1);
});
