import {
  deleteOpenStream,
  loadOpenStreams,
  type OpenStream,
  saveOpenStream,
} from '../../../lambda/ledger/open-streams.ts';
import { dynaliteLedger } from './dynalite-ledger.ts';

const ledger = dynaliteLedger();
const logGroup = 'airflow-prod-Task';
const open: OpenStream = {
  ...{ logGroup, streamId: 'aa', fromEpochMs: 1_000, untilEpochMs: 2_000 },
  ...{ derivedEpochMs: 1_500, formerFromEpochMs: 900 },
};

const save = (changes: Partial<OpenStream> = {}) =>
  saveOpenStream(ledger.table, { ...open, ...changes });
const load = (of = logGroup) => loadOpenStreams(ledger.table, of);

test('each log group has its own streams that wait', async () => {
  await save();
  await save({ streamId: 'bb', resolvedEpochMs: 3_000 });
  await save({ logGroup: 'airflow-prod-Worker' });
  expect(await load()).toEqual([open, { ...open, streamId: 'bb', resolvedEpochMs: 3_000 }]);
  expect(await load('airflow-prod-Worker')).toMatchObject([{ streamId: 'aa' }]);
  expect(await load('airflow-prod-WebServer')).toEqual([]);
});

test('a stream waits once, as it was saved last: one that waits again is resolved no more', async () => {
  await save({ resolvedEpochMs: 3_000 });
  await save({ untilEpochMs: 4_000 });
  expect(await load()).toEqual([{ ...open, untilEpochMs: 4_000 }]);
});

test('a stream that waits no more is gone, the others are not', async () => {
  await save();
  await save({ streamId: 'bb' });
  await deleteOpenStream(ledger.table, open);
  await deleteOpenStream(ledger.table, open);
  expect(await load()).toMatchObject([{ streamId: 'bb' }]);
});

test('one of another form is refused with its keys', async () => {
  await ledger.table.put({ pk: `open#${logGroup}`, sk: 'stream#aa', ...open, fromEpochMs: 'now' });
  await expect(load()).rejects.toThrow(
    'ledger item open#airflow-prod-Task / stream#aa: field "fromEpochMs"',
  );
});
