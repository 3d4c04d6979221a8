import { loadUnreported } from '../../../lambda/ledger/quarantine.ts';
import {
  deleteOpenStream,
  loadOpenStreams,
  type OpenStream,
  saveOpenStream,
} from '../../../lambda/ledger/seen-events.ts';
import { dynaliteLedger } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const logGroup = 'airflow-prod-Task';
const open: OpenStream = {
  ...{ logGroup, streamId: 'aa', fromEpochMs: 1_000, untilEpochMs: 2_000 },
  ...{ derivedEpochMs: 1_500, formerFromEpochMs: 900 },
};

const save = (changes: Partial<OpenStream> = {}) =>
  saveOpenStream(ledger.table, { ...open, ...changes });
const load = (of = logGroup) => loadOpenStreams(ledger.table, of, 0);

test('each log group has its own open streams', async () => {
  await save();
  await save({ streamId: 'bb', resolvedEpochMs: 3_000 });
  await save({ logGroup: 'airflow-prod-Worker' });
  expect(await load()).toEqual([open, { ...open, streamId: 'bb', resolvedEpochMs: 3_000 }]);
  expect(await load('airflow-prod-Worker')).toMatchObject([{ streamId: 'aa' }]);
  expect(await load('airflow-prod-WebServer')).toEqual([]);
});

test('a stream is stored once, as last saved: one that is open again is not resolved any more', async () => {
  await save({ resolvedEpochMs: 3_000 });
  await save({ untilEpochMs: 4_000 });
  expect(await load()).toEqual([{ ...open, untilEpochMs: 4_000 }]);
});

test('a deleted stream is gone, the others are not', async () => {
  await save();
  await save({ streamId: 'bb' });
  await deleteOpenStream(ledger.table, open);
  await deleteOpenStream(ledger.table, open);
  expect(await load()).toMatchObject([{ streamId: 'bb' }]);
});

test('an unreadable stream restarts where nothing pending is left out', async () => {
  const streamId = 'a'.repeat(32);
  await save({ streamId: 'bb' });
  const broken = { ...open, streamId, fromEpochMs: 'now' };
  await ledger.table.put({ pk: `open#${logGroup}`, sk: `stream#${streamId}`, ...broken });
  const restarted = {
    ...{ logGroup, streamId, fromEpochMs: 700, untilEpochMs: 700 },
    ...{ derivedEpochMs: 700, formerFromEpochMs: 700 },
  };
  const found = await loadOpenStreams(ledger.table, logGroup, 700);
  expect(found).toEqual([restarted, { ...open, streamId: 'bb' }]);
  expect(await load()).toEqual(found);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([
    { itemSk: `stream#${streamId}` },
  ]);
});
