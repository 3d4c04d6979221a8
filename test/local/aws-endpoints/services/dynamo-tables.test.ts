import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { clientFor, endpoints, stopEndpoints } from '../with-endpoints.ts';

afterEach(stopEndpoints);

const TableName = 'Ledger';

async function table() {
  const client = new DynamoDBClient(clientFor(await endpoints({ tableNames: [TableName] })));
  const put = (sk: string, fields: object = {}, ConditionExpression?: string) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: marshall({ pk: 'p', sk, ...fields }),
        ...(ConditionExpression && { ConditionExpression }),
      }),
    );
  const query = async (condition: string, values: object) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: `pk = :pk AND ${condition}`,
        ExpressionAttributeValues: marshall({ ':pk': 'p', ...values }),
      }),
    );
    return Items.map((item) => unmarshall(item).sk);
  };
  const get = async (sk: string) => {
    const Key = marshall({ pk: 'p', sk });
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    return Item && unmarshall(Item);
  };
  return { client, put, query, get };
}

test('one of several writes that race for a condition wins', async () => {
  const { put, get } = await table();
  const writers = Array.from({ length: 20 }, (_, writer) => writer);
  const results = await Promise.allSettled(
    writers.map((writer) => put('a', { writer }, 'attribute_not_exists(pk)')),
  );
  const won = writers.filter((writer) => results[writer]?.status === 'fulfilled');
  expect(won).toHaveLength(1);
  expect(await get('a')).toMatchObject({ writer: won[0] });
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { name: 'ConditionalCheckFailedException' },
  });
});

test('a query returns the items of its range, ordered by key', async () => {
  const { put, query } = await table();
  for (const sk of ['b#2', 'a#1', 'b#10', 'b#1', 'c#1']) await put(sk);
  expect(await query('begins_with(sk, :b)', { ':b': 'b#' })).toEqual(['b#1', 'b#10', 'b#2']);
  expect(await query('sk BETWEEN :from AND :to', { ':from': 'a#1', ':to': 'b#1' })).toEqual([
    'a#1',
    'b#1',
  ]);
});

test('a batch writes many items, and a deleted item is gone', async () => {
  const { client, query } = await table();
  const keys = Array.from({ length: 25 }, (_, index) => String(index).padStart(2, '0'));
  const requests = keys.map((sk) => ({ PutRequest: { Item: marshall({ pk: 'p', sk }) } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  await client.send(new DeleteItemCommand({ TableName, Key: marshall({ pk: 'p', sk: '00' }) }));
  expect(await query('begins_with(sk, :none)', { ':none': '0' })).toEqual(keys.slice(1, 10));
});

test('a batch as large as DynamoDB allows is accepted', async () => {
  const { client, get } = await table();
  const text = 'x'.repeat(300_000);
  const requests = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((sk) => ({
    PutRequest: { Item: marshall({ pk: 'p', sk, text }) },
  }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  expect(await get('h')).toMatchObject({ text });
});

test('only the requested tables exist', async () => {
  const { client } = await table();
  const Key = marshall({ pk: 'p', sk: 'a' });
  await expect(client.send(new GetItemCommand({ TableName: 'Other', Key }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test("the table of one monitor does not contain another monitor's items", async () => {
  const [one, other] = [await table(), await table()];
  await one.put('a');
  expect(await one.get('a')).toBeDefined();
  expect(await other.get('a')).toBeUndefined();
});

test('a name that DynamoDB does not allow is refused with its rule', async () => {
  await expect(endpoints({ tableNames: ['no blanks'] })).rejects.toThrow(
    /the table no blanks cannot be created: .*\[a-zA-Z0-9_\.-\]/,
  );
});
