import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { EngineResult } from '../../../local/insights-engine/engine-types.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { createdEpochMs, emptyResult, memoryEngine } from './memory-engine.ts';
import { clientFor, endpoints, now, stopEndpoints } from './with-endpoints.ts';

afterEach(stopEndpoints);

const created = createdEpochMs / 1000;

function query(changes: Partial<StartQueryCommandInput> = {}): StartQueryCommandInput {
  return {
    logGroupNames: ['airflow-prod-Task'],
    startTime: created,
    endTime: created + 59,
    queryString: 'fields @message',
    ...changes,
  };
}

async function logsClient(engine = memoryEngine()): Promise<CloudWatchLogsClient> {
  return new CloudWatchLogsClient(clientFor(await endpoints({ engine })));
}

async function refusal(changes: Partial<StartQueryCommandInput>, engine = memoryEngine()) {
  const client = await logsClient(engine);
  return await client.send(new StartQueryCommand(query(changes))).then(
    () => 'accepted',
    ({ name, message, $metadata }) => `${$metadata.httpStatusCode} ${name}: ${message}`,
  );
}

const rows = Array.from({ length: 25 }, (_, i) => [{ field: '@message', value: `line ${i}` }]);
const result: EngineResult = {
  rows,
  statistics: { recordsMatched: 25, recordsScanned: 90, bytesScanned: 4_000, logGroupsScanned: 1 },
  warnings: [],
};

test('a query is answered with its rows and statistics', async () => {
  const client = await logsClient(memoryEngine(async () => result));
  const { queryId } = await client.send(new StartQueryCommand(query()));
  const answer = await client.send(new GetQueryResultsCommand({ queryId }));
  expect(answer).toMatchObject({
    status: 'Complete',
    queryLanguage: 'CWLI',
    results: rows,
    statistics: { ...result.statistics, estimatedBytesSkipped: 0, estimatedRecordsSkipped: 0 },
  });
  expect(answer.nextToken).toBeUndefined();
});

test("the engine gets the client's query with the clock's time", async () => {
  const engine = memoryEngine();
  const client = await logsClient(engine);
  await client.send(new StartQueryCommand(query({ limit: 7 })));
  expect(engine.asked).toEqual([
    {
      queryString: 'fields @message',
      logGroups: ['airflow-prod-Task'],
      startEpochSeconds: created,
      endEpochSeconds: created + 59,
      endTime: 'second',
      limit: 7,
      nowEpochMs: now,
    },
  ]);
});

test.each([
  [{ logGroupName: 'airflow-prod-Task' }, ['airflow-prod-Task']],
  [{ logGroupIdentifiers: ['airflow-prod-Task'] }, ['airflow-prod-Task']],
  [
    { logGroupIdentifiers: ['arn:aws:logs:us-east-1:000000000000:log-group:airflow-prod-Task'] },
    ['airflow-prod-Task'],
  ],
  [{ logGroupNames: ['airflow-prod-Task', 'airflow-prod-Task'] }, ['airflow-prod-Task']],
  [{ queryString: "SOURCE 'airflow-prod-Task' | fields @message" }, undefined],
])('log groups named by %j are read', async (named, expected) => {
  const engine = memoryEngine();
  const client = await logsClient(engine);
  const { logGroupNames: _, ...rest } = query();
  await client.send(new StartQueryCommand({ ...rest, ...named }));
  expect(engine.asked[0]?.logGroups).toEqual(expected);
});

test('rows are paged by maxItems', async () => {
  const client = await logsClient(memoryEngine(async () => result));
  const { queryId } = await client.send(new StartQueryCommand(query()));
  const collected: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const page: GetPage = await client.send(
      new GetQueryResultsCommand({ queryId, maxItems: 10, nextToken }),
    );
    expect(page.results?.length).toBeLessThanOrEqual(10);
    collected.push(...(page.results ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  expect(collected).toEqual(rows);
});

type GetPage = { results?: unknown[] | undefined; nextToken?: string | undefined };

test('a query with a syntax error is refused with its position', async () => {
  const client = await logsClient();
  const error = await client
    .send(new StartQueryCommand(query({ queryString: 'fields @message | fliter x = 1' })))
    .catch((thrown) => thrown);
  expect(error).toMatchObject({
    name: 'MalformedQueryException',
    $metadata: { httpStatusCode: 400, attempts: 1 },
    queryCompileError: { location: { startCharOffset: 18, endCharOffset: 24 } },
  });
  expect(error.message).toMatch(/fliter.*\(\[18,24\]\)$/);
});

test('a query refused by the engine is refused with its position, too', async () => {
  const span = { start: 7, end: 10 };
  const engine = memoryEngine(() => Promise.reject(new QueryError('unknown function foo', span)));
  const client = await logsClient(engine);
  await expect(client.send(new StartQueryCommand(query()))).rejects.toMatchObject({
    name: 'MalformedQueryException',
    queryCompileError: { location: { startCharOffset: 7, endCharOffset: 10 } },
  });
});

test.each([
  ['no log group', { logGroupNames: undefined }, 'InvalidParameterException: one of logGroupName'],
  [
    'log groups named twice',
    { logGroupName: 'airflow-prod-Task' },
    'InvalidParameterException: exactly one of logGroupName',
  ],
  [
    'log groups named by SOURCE as well',
    { queryString: "SOURCE 'airflow-prod-Task' | fields @message" },
    'InvalidParameterException: log groups are named both by parameters and by SOURCE',
  ],
  [
    '51 log groups',
    { logGroupNames: Array.from({ length: 51 }, (_, i) => `g${i}`) },
    'InvalidParameterException: logGroupNames: ',
  ],
  [
    'an ARN that ends with :*',
    {
      logGroupNames: undefined,
      logGroupIdentifiers: ['arn:aws:logs:us-east-1:000000000000:log-group:airflow-prod-Task:*'],
    },
    'InvalidParameterException: logGroupIdentifiers[0]: a name, or an ARN that does not end with :*',
  ],
  [
    'a name that no log group has',
    { logGroupNames: ['a b'] },
    'InvalidParameterException: logGroupNames[0]: a log group name contains only letters, digits and . - _ / #, got "a b"',
  ],
  [
    'one log group of two that is missing',
    { logGroupNames: ['airflow-prod-Task', 'airflow-prod-Worker'] },
    "ResourceNotFoundException: Log group 'airflow-prod-Worker' does not exist for account ID '000000000000'",
  ],
  [
    'an end before the start',
    { endTime: created - 1 },
    `InvalidParameterException: endTime ${created - 1} is before startTime ${created}`,
  ],
  [
    'a window before Logs Insights existed',
    { startTime: 0, endTime: 1_500_000_000 },
    'InvalidParameterException: End time should not be before the service was generally available',
  ],
  [
    'a window before the groups were created',
    { startTime: created - 60, endTime: created - 1 },
    "MalformedQueryException: Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings ([0,15])",
  ],
  ['a time that is not whole', { startTime: 1.5 }, 'InvalidParameterException: startTime: '],
  ['10,001 characters', { queryString: 'x'.repeat(10_001) }, 'InvalidParameterException: queryS'],
  ['a limit of 0', { limit: 0 }, 'InvalidParameterException: limit: '],
  [
    'another language',
    { queryLanguage: 'SQL' as const },
    'InvalidParameterException: queryLanguage: only the language CWLI is supported here, got "SQL"',
  ],
])('%s is refused as by AWS', async (_what, changes, expected) => {
  expect(await refusal(changes as Partial<StartQueryCommandInput>)).toContain(`400 ${expected}`);
});

test("a window that ends in the second of the group's creation is accepted", async () => {
  expect(await refusal({ startTime: created - 60, endTime: created })).toBe('accepted');
});

test('a missing group named by SOURCE is not found', async () => {
  const changes = { logGroupNames: undefined, queryString: "SOURCE 'nowhere' | fields @message" };
  expect(await refusal(changes as Partial<StartQueryCommandInput>)).toContain(
    "ResourceNotFoundException: Log group 'nowhere'",
  );
});

test('a slow query is Running without rows, and can be stopped once', async () => {
  const { promise, resolve } = Promise.withResolvers<EngineResult>();
  const client = await logsClient(memoryEngine(() => promise));
  const { queryId } = await client.send(new StartQueryCommand(query()));
  expect(await client.send(new GetQueryResultsCommand({ queryId }))).toMatchObject({
    status: 'Running',
    results: [],
  });
  expect(await client.send(new StopQueryCommand({ queryId }))).toMatchObject({ success: true });
  resolve(emptyResult);
  expect(await client.send(new GetQueryResultsCommand({ queryId }))).toMatchObject({
    status: 'Cancelled',
  });
  await expect(client.send(new StopQueryCommand({ queryId }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('an unknown query is not found', async () => {
  const client = await logsClient();
  for (const Command of [GetQueryResultsCommand, StopQueryCommand]) {
    await expect(client.send(new Command({ queryId: 'nobody' }) as never)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  }
});

test('more than 100 concurrent queries are refused, and accepted again after one ends', async () => {
  const { promise, resolve } = Promise.withResolvers<EngineResult>();
  const client = await logsClient(memoryEngine(() => promise));
  const start = () => client.send(new StartQueryCommand(query()));
  const started = await Promise.all(Array.from({ length: 100 }, start));
  await expect(start()).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Account maximum query concurrency limit of [100] reached.',
  });
  await client.send(new StopQueryCommand({ queryId: started[0]?.queryId }));
  resolve(emptyResult);
  expect(await start()).toHaveProperty('queryId');
});
