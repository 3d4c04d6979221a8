import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { returnLease, takeLease } from '../../../lambda/ledger/monitor-state.ts';
import { dynaliteLedger, lostAnswer } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const leaseKey = { pk: 'lease', sk: 'lease' };

/** Tries to take the lease at a time, for a hundred milliseconds. */
const take = (holder: string, nowEpochMs: number) =>
  takeLease(ledger.table, holder, { nowEpochMs, untilEpochMs: nowEpochMs + 100 });

const held = async () => (await ledger.table.get(leaseKey))?.holder;

test('a free lease can be taken once', async () => {
  expect(await take('a', 1_000)).toBe(true);
  expect(await take('b', 1_050)).toBe(false);
  expect(await held()).toBe('a');
});

test('the holder of the lease cannot take it again', async () => {
  await take('a', 1_000);
  expect(await take('a', 1_050)).toBe(false);
});

test('a lease that was not returned is free when it has expired, not before', async () => {
  await take('a', 1_000);
  expect(await take('b', 1_100)).toBe(false);
  expect(await take('b', 1_101)).toBe(true);
  expect(await held()).toBe('b');
});

test('a returned lease is free at once', async () => {
  await take('a', 1_000);
  await returnLease(ledger.table, 'a');
  expect(await take('b', 1_001)).toBe(true);
});

test('an invocation that outlived its lease does not return the lease of another one', async () => {
  await take('a', 1_000);
  await take('b', 2_000);
  await returnLease(ledger.table, 'a');
  expect(await held()).toBe('b');
});

test('returning a lease that nobody holds is no error', async () => {
  await returnLease(ledger.table, 'a');
  expect(await held()).toBeUndefined();
});

test('a lease that could not be read back is not written', async () => {
  await expect(take('a', Number.NaN)).rejects.toThrow(
    'ledger item lease / lease: not written: field "untilEpochMs": ',
  );
  expect(await held()).toBeUndefined();
});

test('of many that take it at once, one succeeds', async () => {
  const wanting = Array.from({ length: 20 }, (_, at) => take(`holder-${at}`, 1_000));
  const outcomes = await Promise.all(wanting);
  expect(outcomes.filter((taken) => taken)).toHaveLength(1);
  expect(await held()).toBe(`holder-${outcomes.indexOf(true)}`);
});

test('a lease is taken even if the answer is lost', async () => {
  let calls = 0;
  ledger.intercept((send) => (calls++ === 0 ? lostAnswer(send) : send()));
  expect(await take('a', 1_000)).toBe(true);
});

test('a lease that version 1 did not return is taken when it has expired', async () => {
  const older = { ...leaseKey, schema: 1, holder: 'a', untilEpochMs: 999 };
  await ledger.client.send(
    new PutItemCommand({ TableName: ledger.tableName, Item: marshall(older) }),
  );
  expect(await take('b', 999)).toBe(false);
  expect(await take('b', 1_000)).toBe(true);
});

test('a ledger of a newer version is refused with an error, and nothing is overwritten', async () => {
  const newer = { ...leaseKey, schema: 4, holder: 'a', untilEpochMs: 0 };
  await ledger.client.send(
    new PutItemCommand({ TableName: ledger.tableName, Item: marshall(newer) }),
  );
  await expect(take('b', 1_000)).rejects.toThrow(
    'ledger item lease / lease: field "schema": must be 1, 2 or 3, which this version of the monitor reads, got 4; nothing was overwritten: deploy the version of the monitor that wrote it, or a later one',
  );
  expect(await ledger.table.get(leaseKey)).toEqual(newer);
});
