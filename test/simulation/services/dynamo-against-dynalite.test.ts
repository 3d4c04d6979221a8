import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { createLedgerTable, localDynamo } from '../../dynalite-table.ts';
import { SimulatedDynamo } from './dynamo.ts';

const server = localDynamo();
let client: DynamoDBClient;
let endpoint: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
});

afterAll(() => {
  client.destroy();
  server.close();
});

const commands = {
  GetItem: GetItemCommand,
  Query: QueryCommand,
  PutItem: PutItemCommand,
  DeleteItem: DeleteItemCommand,
  BatchWriteItem: BatchWriteItemCommand,
} as const;

interface Operation {
  readonly name: keyof typeof commands;
  readonly input: object;
}

/** Both answers in one form, without `Count`, consumed capacity and the like. */
interface Answer {
  readonly Item?: unknown;
  readonly Items?: unknown;
  readonly LastEvaluatedKey?: unknown;
  readonly error?: string;
}

function answerOf({ Item, Items, LastEvaluatedKey }: Answer): Answer {
  return { Item, Items, LastEvaluatedKey };
}

async function ofDynalite({ name, input }: Operation, TableName: string): Promise<Answer> {
  const Command = commands[name] as unknown as typeof GetItemCommand;
  const command = new Command({ ...input, TableName } as never);
  try {
    return answerOf((await client.send(command)) as Answer);
  } catch (error) {
    return { error: (error as Error).name };
  }
}

function ofSimulation({ name, input }: Operation, dynamo: SimulatedDynamo): Answer {
  try {
    return answerOf(dynamo.execute(name, input) as Answer);
  } catch (error) {
    return { error: (error as Error).name };
  }
}

const key = fc.record({
  pk: fc.constantFrom('mark', 'pending', 'tick#2026'),
  sk: fc.constantFrom('a', 'a#1', 'a#2', 'b#1', 'event#0009', 'event#0010'),
});
const attributes = fc.record(
  {
    revision: fc.integer({ min: 0, max: 3 }),
    writeId: fc.constantFrom('id-1', 'id-2'),
    untilEpochMs: fc.constantFrom(9, 10, 100),
    claimEndEpochMs: fc.constantFrom(5, 6),
    schema: fc.constantFrom(1, 2),
    isDone: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** The conditions of the ledger's writes, and others that their grammar allows. */
const conditions = [
  'attribute_not_exists(pk)',
  '(attribute_not_exists(pk)) OR writeId = :id',
  'attribute_not_exists(pk) OR (untilEpochMs < :number AND #schema = :one)',
  'revision = :number',
  '(untilEpochMs = :number AND attribute_not_exists(claimEndEpochMs)) OR writeId = :id',
  'writeId = :id AND revision > :one OR isDone = :done',
  'NOT writeId = :id AND attribute_exists(pk)',
  'untilEpochMs BETWEEN :one AND :number',
  'revision <> :one',
  'begins_with(writeId, :id)',
  'untilEpochMs >= :number OR revision <= :one',
] as const;

const condition = fc
  .record({
    ConditionExpression: fc.constantFrom(...conditions),
    values: fc.record({
      ':id': fc.constantFrom('id-1', 'id-2'),
      ':number': fc.constantFrom(1, 10, 100),
      ':one': fc.constant(1),
      ':done': fc.boolean(),
    }),
  })
  .map(({ ConditionExpression, values }) => ({
    ConditionExpression,
    ExpressionAttributeValues: marshall(used(ConditionExpression, values)),
    ...(ConditionExpression.includes('#schema') && {
      ExpressionAttributeNames: { '#schema': 'schema' },
    }),
  }))
  .map(({ ExpressionAttributeValues, ...rest }) => ({
    ...rest,
    ...(Object.keys(ExpressionAttributeValues).length > 0 && { ExpressionAttributeValues }),
  }));

/** DynamoDB refuses values that an expression does not use. */
function used(expression: string, values: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => expression.includes(name)));
}

const maybeCondition = fc.option(condition, { nil: {} });
const item = fc.tuple(key, attributes).map(([keys, others]) => marshall({ ...keys, ...others }));
const pk = key.map((keys) => keys.pk);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  key.map((Key) => ({ name: 'GetItem' as const, input: { Key: marshall(Key) } })),
  fc
    .tuple(item, maybeCondition)
    .map(([Item, other]) => ({ name: 'PutItem' as const, input: { Item, ...other } })),
  fc.tuple(key, maybeCondition).map(([Key, other]) => ({
    name: 'DeleteItem' as const,
    input: { Key: marshall(Key), ...other },
  })),
  fc.tuple(pk, fc.constantFrom('a', 'a#', 'event#', 'z')).map(([partition, beginning]) => ({
    name: 'Query' as const,
    input: {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :beginsWith)',
      ExpressionAttributeValues: marshall({ ':pk': partition, ':beginsWith': beginning }),
    },
  })),
  fc.tuple(pk, fc.constantFrom('a', 'b#1'), fc.constantFrom('b#1', 'event#0009#g')).map(
    ([partition, from, to]): Operation => ({
      name: 'Query',
      input: {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: marshall({ ':pk': partition, ':from': from, ':to': to }),
      },
    }),
  ),
);

const batch = (TableName: string) => (items: readonly Record<string, unknown>[]) => ({
  name: 'BatchWriteItem' as const,
  input: { RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } },
});

let tables = 0;

async function freshTable(): Promise<string> {
  tables += 1;
  await createLedgerTable(endpoint, `ledger${tables}`);
  return `ledger${tables}`;
}

test('the simulated DynamoDB and dynalite give the same answers to random operations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 30, maxLength: 60 }), async (operations) => {
      const table = await freshTable();
      const simulated = new SimulatedDynamo();
      for (const one of operations) {
        expect(ofSimulation(one, simulated)).toEqual(await ofDynalite(one, table));
      }
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test('both write all items of a batch, and refuse a batch with a key twice', async () => {
  const table = await freshTable();
  const items = fc.array(item, { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(items, async (batchItems) => {
      const simulated = new SimulatedDynamo();
      const one = batch(table)(batchItems);
      expect(ofSimulation(one, simulated)).toEqual(await ofDynalite(one, table));
    }),
    { numRuns: 20 },
  );
});

test('both split a range longer than a page into the same pages', async () => {
  const table = await freshTable();
  const simulated = new SimulatedDynamo();
  const data = 'x'.repeat(150_000);
  for (let at = 10; at < 30; at += 1) {
    const one = {
      name: 'PutItem',
      input: { Item: marshall({ pk: 'mark', sk: `a#${at}`, data }) },
    } as const;
    expect(ofSimulation(one, simulated)).toEqual(await ofDynalite(one, table));
  }
  let pages = 0;
  for (let from: Record<string, unknown> | undefined = {}; from !== undefined; pages += 1) {
    const one: Operation = {
      name: 'Query',
      input: {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :beginsWith)',
        ExpressionAttributeValues: marshall({ ':pk': 'mark', ':beginsWith': 'a#' }),
        ...(pages > 0 && { ExclusiveStartKey: from }),
      },
    };
    const page = ofSimulation(one, simulated);
    expect(page).toEqual(await ofDynalite(one, table));
    from = page.LastEvaluatedKey as typeof from;
  }
  expect(pages).toBe(3);
});
