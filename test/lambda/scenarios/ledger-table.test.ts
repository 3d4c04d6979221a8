import { BatchWriteItemCommand, type BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { awsError } from '../setup/aws-error.ts';
import { dynaliteLedger, lostAnswer } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const key = { pk: 'p', sk: 's' };
const absent = { expression: 'attribute_not_exists(pk)' };
const throttled = awsError('ProvisionedThroughputExceededException', 'too busy');

test('an item that was put is read, with the schema that it was written in', async () => {
  await ledger.table.put({ ...key, text: 'x', number: 7, flag: true, nothing: undefined });
  expect(await ledger.table.get(key)).toEqual({
    ...key,
    ...{ text: 'x', number: 7, flag: true, schema: 3 },
  });
  expect(await ledger.table.get({ ...key, sk: 'other' })).toBeUndefined();
});

test('a range of one partition includes both ends, in the order of the keys', async () => {
  for (const sk of ['b#2', 'b#1', 'a#1', 'b#3', 'c#1']) await ledger.table.put({ pk: 'p', sk });
  await ledger.table.put({ pk: 'other', sk: 'b#1' });
  const keysOf = async (range: Parameters<typeof ledger.table.query>[1]) =>
    (await ledger.table.query('p', range)).map(({ sk }) => sk);
  expect(await keysOf({ beginsWith: 'b#' })).toEqual(['b#1', 'b#2', 'b#3']);
  expect(await keysOf({ from: 'a#1', to: 'b#2' })).toEqual(['a#1', 'b#1', 'b#2']);
  expect(await keysOf({ beginsWith: 'd#' })).toEqual([]);
});

test('a range of more than one page is read to its end', async () => {
  const data = 'x'.repeat(300_000);
  const keys = Array.from({ length: 5 }, (_, at) => `item#${at}`);
  for (const sk of keys) await ledger.table.put({ pk: 'p', sk, data });
  const items = await ledger.table.query('p', { beginsWith: 'item#' });
  expect(items.map(({ sk }) => sk)).toEqual(keys);
  expect(ledger.calls('Query')).toBeGreaterThan(1);
});

describe('a conditional write', () => {
  test('writes if its condition holds, and otherwise changes nothing', async () => {
    expect(await ledger.table.putIf({ ...key, number: 1 }, absent)).toBe(true);
    expect(await ledger.table.putIf({ ...key, number: 2 }, absent)).toBe(false);
    expect(await ledger.table.get(key)).toMatchObject({ number: 1 });
  });

  test('whose answer was lost is retried, finds its own id and succeeds', async () => {
    let lost = 0;
    ledger.intercept((send) => (lost++ < 2 ? lostAnswer(send) : send()));
    expect(await ledger.table.putIf({ ...key, number: 1 }, absent)).toBe(true);
    expect(ledger.calls('PutItem')).toBe(3);
  });

  test("does not accept another write's id as its own", async () => {
    ledger.intercept((send) => lostAnswer(send));
    await expect(ledger.table.putIf({ ...key, number: 1 }, absent)).rejects.toThrow('reset');
    ledger.intercept((send) => send());
    expect(await ledger.table.putIf({ ...key, number: 2 }, absent)).toBe(false);
    expect(await ledger.table.get(key)).toMatchObject({ number: 1 });
  });

  test('succeeds once of twenty at a time', async () => {
    const writes = Array.from({ length: 20 }, (_, number) =>
      ledger.table.putIf({ ...key, number }, absent),
    );
    const outcomes = await Promise.all(writes);
    expect(outcomes.filter((written) => written)).toHaveLength(1);
    expect(await ledger.table.get(key)).toMatchObject({ number: outcomes.indexOf(true) });
  });

  test('that fails for another reason throws', async () => {
    ledger.intercept(() => Promise.reject(awsError('AccessDeniedException', 'not authorized')));
    await expect(ledger.table.putIf(key, absent)).rejects.toThrow('not authorized');
    await expect(
      ledger.table.deleteIf(key, { expression: 'a = :a', values: { ':a': 1 } }),
    ).rejects.toThrow('not authorized');
  });
});

test('a conditional delete leaves an item that does not fit its condition', async () => {
  await ledger.table.put({ ...key, holder: 'a' });
  const heldBy = (holder: string) => ({ expression: 'holder = :h', values: { ':h': holder } });
  expect(await ledger.table.deleteIf(key, heldBy('b'))).toBe(false);
  expect(await ledger.table.get(key)).toBeDefined();
  expect(await ledger.table.deleteIf(key, heldBy('a'))).toBe(true);
  expect(await ledger.table.get(key)).toBeUndefined();
});

test('deleting a missing item is no error', async () => {
  await ledger.table.delete(key);
  expect(await ledger.table.get(key)).toBeUndefined();
});

describe('writing many items', () => {
  const items = Array.from({ length: 60 }, (_, at) => ({ pk: 'p', sk: `item#${100 + at}`, at }));
  const all = () => ledger.table.query('p', { beginsWith: 'item#' });

  test('uses batches, and replaces existing items', async () => {
    await ledger.table.put({ pk: 'p', sk: 'item#100', at: -1 });
    await ledger.table.putAll(items);
    expect(await all()).toMatchObject(items);
    expect(ledger.calls('BatchWriteItem')).toBe(3);
  });

  test('sends only unprocessed items again, after a pause', async () => {
    const sent: number[] = [];
    ledger.intercept(async (send, { input }) => {
      const { RequestItems = {} } = input as BatchWriteItemCommandInput;
      const requests = RequestItems[ledger.tableName] ?? [];
      sent.push(requests.length);
      if (sent.length > 1) return send();
      const now = { RequestItems: { [ledger.tableName]: requests.slice(0, 7) } };
      await ledger.client.send(new BatchWriteItemCommand(now));
      return { UnprocessedItems: { [ledger.tableName]: requests.slice(7) } };
    });
    await ledger.table.putAll(items.slice(0, 10));
    expect(sent).toEqual([10, 3]);
    expect(ledger.timer.sleptMs).toHaveLength(1);
    ledger.intercept((send) => send());
    expect(await all()).toMatchObject(items.slice(0, 10));
  });

  test('ends with an error if DynamoDB processes nothing until the deadline', async () => {
    ledger.intercept(async () => ({
      UnprocessedItems: { [ledger.tableName]: [{ PutRequest: { Item: marshall(key) } }] },
    }));
    await expect(ledger.table.putAll(items)).rejects.toThrow('the time ran out');
  });

  test('makes no call without items', async () => {
    await ledger.table.putAll([]);
    expect(ledger.calls('BatchWriteItem')).toBe(0);
  });
});

test('a throttled call is retried, and so is a read whose answer was lost', async () => {
  await ledger.table.put({ ...key, number: 1 });
  const troubles = [throttled, Object.assign(new Error('reset'), { code: 'ECONNRESET' })];
  ledger.intercept((send) => {
    const trouble = troubles.pop();
    return trouble === undefined ? send() : Promise.reject(trouble);
  });
  expect(await ledger.table.get(key)).toMatchObject({ number: 1 });
});

test('reads are strongly consistent: an invocation sees all writes of the one before it', async () => {
  const reads: object[] = [];
  ledger.intercept((send, { input }) => {
    reads.push(input);
    return send();
  });
  await ledger.table.get(key);
  await ledger.table.query('p', { beginsWith: 's' });
  expect(reads).toMatchObject([{ ConsistentRead: true }, { ConsistentRead: true }]);
});
