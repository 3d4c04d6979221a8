import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  DescribeLogStreamsCommand,
  type DescribeLogStreamsCommandInput,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { createdEpochMs, memoryEngine } from './memory-engine.ts';
import { clientFor, endpoints, stopEndpoints } from './with-endpoints.ts';

afterEach(stopEndpoints);

const names = ['airflow-prod-Worker', 'airflow-prod-Task', 'airflow-test-Task', 'other'];

async function client(logGroups: readonly string[] = names): Promise<CloudWatchLogsClient> {
  const engine = memoryEngine(undefined, logGroups);
  return new CloudWatchLogsClient(clientFor(await endpoints({ engine })));
}

async function groupNames(input: DescribeLogGroupsCommandInput) {
  const { logGroups } = await (await client()).send(new DescribeLogGroupsCommand(input));
  return logGroups?.map(({ logGroupName }) => logGroupName);
}

async function streamNames(input: DescribeLogStreamsCommandInput) {
  const { logStreams } = await (await client()).send(new DescribeLogStreamsCommand(input));
  return logStreams?.map(({ logStreamName }) => logStreamName);
}

test.each([
  [{}, ['airflow-prod-Task', 'airflow-prod-Worker', 'airflow-test-Task', 'other']],
  [{ logGroupNamePrefix: 'airflow-prod-' }, ['airflow-prod-Task', 'airflow-prod-Worker']],
  [{ logGroupNamePattern: 'Task' }, ['airflow-prod-Task', 'airflow-test-Task']],
  [{ logGroupNamePattern: 'task' }, []],
  [
    { logGroupNamePattern: '' },
    ['airflow-prod-Task', 'airflow-prod-Worker', 'airflow-test-Task', 'other'],
  ],
  [{ logGroupIdentifiers: ['other'] }, ['other']],
  [{ logGroupClass: 'INFREQUENT_ACCESS' as const }, []],
  [{ limit: 1 }, ['airflow-prod-Task']],
])('groups selected by %j are ordered by name', async (input, expected) => {
  expect(await groupNames(input)).toEqual(expected);
});

test('a group has both forms of its ARN', async () => {
  const { logGroups } = await (await client(['g'])).send(new DescribeLogGroupsCommand({}));
  expect(logGroups).toEqual([
    {
      logGroupName: 'g',
      creationTime: createdEpochMs,
      metricFilterCount: 0,
      arn: 'arn:aws:logs:us-east-1:000000000000:log-group:g:*',
      logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:g',
      storedBytes: 10,
      logGroupClass: 'STANDARD',
    },
  ]);
});

test('retention and key come from the settings', async () => {
  const settings = { retentionInDays: 1, kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/k' };
  const engine = memoryEngine(undefined, ['g', 'h']);
  const client = new CloudWatchLogsClient(
    clientFor(await endpoints({ engine, logGroupSettings: { g: settings } })),
  );
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
  expect(logGroups[0]).toMatchObject(settings);
  expect(logGroups[1]).not.toHaveProperty('retentionInDays');
});

test('the pages of many groups contain every group once', async () => {
  const many = Array.from({ length: 120 }, (_, i) => `g${String(i).padStart(3, '0')}`);
  const seen: (string | undefined)[] = [];
  for await (const page of paginateDescribeLogGroups({ client: await client(many) }, {})) {
    expect(page.logGroups?.length).toBeLessThanOrEqual(50);
    seen.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName));
  }
  expect(seen).toEqual(many);
});

test.each([
  [{}, ['a', 'b', 'c']],
  [{ descending: true }, ['c', 'b', 'a']],
  [{ orderBy: 'LastEventTime' as const }, ['c', 'a', 'b']],
  [{ orderBy: 'LastEventTime' as const, descending: true }, ['b', 'a', 'c']],
  [{ logStreamNamePrefix: 'b' }, ['b']],
  [{ limit: 2 }, ['a', 'b']],
])('streams selected by %j are in the requested order', async (input, expected) => {
  expect(await streamNames({ logGroupName: 'other', ...input })).toEqual(expected);
});

test('a stream has its times and its ARN', async () => {
  const answer = await (await client()).send(
    new DescribeLogStreamsCommand({ logGroupIdentifier: 'other', limit: 1 }),
  );
  expect(answer.logStreams).toEqual([
    {
      logStreamName: 'a',
      creationTime: createdEpochMs - 1,
      firstEventTimestamp: createdEpochMs,
      lastEventTimestamp: createdEpochMs - 1,
      lastIngestionTime: createdEpochMs + 1,
      arn: 'arn:aws:logs:us-east-1:000000000000:log-group:other:log-stream:a',
      storedBytes: 0,
    },
  ]);
  expect(answer.nextToken).toBe('1');
});

test.each([
  [{ logGroupName: 'nowhere' }, 'ResourceNotFoundException'],
  [{}, 'InvalidParameterException'],
  [{ logGroupName: 'other', logGroupIdentifier: 'other' }, 'InvalidParameterException'],
  [
    { logGroupName: 'other', logStreamNamePrefix: 'a', orderBy: 'LastEventTime' as const },
    'InvalidParameterException',
  ],
  [{ logGroupName: 'other', limit: 51 }, 'InvalidParameterException'],
  [{ logGroupName: 'other', nextToken: 'x' }, 'InvalidParameterException'],
])('streams of %j are refused', async (input, name) => {
  await expect(streamNames(input)).rejects.toMatchObject({ name });
});

test.each<DescribeLogGroupsCommandInput>([
  { logGroupNamePrefix: 'a', logGroupNamePattern: 'b' },
  { logGroupIdentifiers: ['other'], logGroupNamePrefix: 'o' },
  { logGroupIdentifiers: ['other'], logGroupClass: 'STANDARD' },
  { limit: 51 },
  { nextToken: 'x' },
])('groups selected by %j are refused', async (input) => {
  await expect(groupNames(input)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('a group found by a pattern has its name, time and ARN only', async () => {
  const found = new DescribeLogGroupsCommand({ logGroupNamePattern: 'g' });
  const { logGroups } = await (await client(['g'])).send(found);
  expect(logGroups).toEqual([
    {
      logGroupName: 'g',
      creationTime: createdEpochMs,
      arn: 'arn:aws:logs:us-east-1:000000000000:log-group:g:*',
    },
  ]);
});

test.each([
  ['STANDARD' as const, ['airflow-prod-Task', 'airflow-prod-Worker', 'airflow-test-Task']],
  ['INFREQUENT_ACCESS' as const, ['other']],
  ['ESSENTIALS' as const, ['other']],
  ['DELIVERY' as const, []],
])(
  'the class %s finds its groups; both names of the cheaper class find the same ones',
  async (logGroupClass, found) => {
    const engine = memoryEngine(undefined, names);
    const logGroupSettings = { other: { logGroupClass: 'INFREQUENT_ACCESS' as const } };
    const logs = new CloudWatchLogsClient(clientFor(await endpoints({ engine, logGroupSettings })));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupClass }));
    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(found);
  },
);
