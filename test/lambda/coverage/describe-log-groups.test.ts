import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { describeLogGroups } from '../../../lambda/coverage/environment-facts.ts';
import { allGroups, awsError, environment, healthyMonitor } from '../setup/monitor-fixture.ts';

const [first = '', second = ''] = allGroups;

function described(fixture = healthyMonitor()) {
  return describeLogGroups(fixture.shell, environment, deadlineIn(fixture.timer, 10_000));
}

function inputs({ logs }: ReturnType<typeof healthyMonitor>) {
  return logs.commandCalls(DescribeLogGroupsCommand).map((call) => call.args[0].input);
}

test('all pages are read', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(DescribeLogGroupsCommand)
    .resolvesOnce({ logGroups: [{ logGroupName: first }], nextToken: 'more' })
    .resolvesOnce({ logGroups: [{ logGroupName: second }] });
  expect(await described(fixture)).toEqual({
    kind: 'known',
    logGroups: new Map([
      [first, {}],
      [second, {}],
    ]),
  });
  expect(inputs(fixture)).toEqual([
    { logGroupNamePrefix: 'airflow-prod-', nextToken: undefined },
    { logGroupNamePrefix: 'airflow-prod-', nextToken: 'more' },
  ]);
});

test('no further page is read once all five are found', async () => {
  const fixture = healthyMonitor();
  const logGroups = allGroups.map((logGroupName) => ({ logGroupName }));
  fixture.logs.on(DescribeLogGroupsCommand).resolves({ logGroups, nextToken: 'more' });
  await described(fixture);
  expect(inputs(fixture)).toHaveLength(1);
});

test('a group of an environment whose name begins with ours does not count as ours', async () => {
  const fixture = healthyMonitor();
  const names = ['airflow-prod-2-Task', 'airflow-prod-Task-old', first];
  const logGroups = names.map((logGroupName) => ({ logGroupName }));
  fixture.logs.on(DescribeLogGroupsCommand).resolves({ logGroups });
  expect(await described(fixture)).toEqual({ kind: 'known', logGroups: new Map([[first, {}]]) });
});

test('a denied listing is unknown at once, with the reason', async () => {
  const fixture = healthyMonitor();
  const denied = awsError('AccessDeniedException', 'not authorized');
  fixture.logs.on(DescribeLogGroupsCommand).rejects(denied);
  expect(await described(fixture)).toEqual({
    kind: 'unknown',
    isPassing: false,
    reason: 'DescribeLogGroups failed: AccessDeniedException: not authorized',
  });
  expect(inputs(fixture)).toHaveLength(1);
});

test('a throttled listing is retried', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(DescribeLogGroupsCommand)
    .rejectsOnce(awsError('ThrottlingException'))
    .resolves({ logGroups: [{ logGroupName: first }] });
  expect(await described(fixture)).toEqual({ kind: 'known', logGroups: new Map([[first, {}]]) });
});

test('a service that stays unavailable is unknown when the time runs out', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(DescribeLogGroupsCommand)
    .rejects(awsError('ServiceUnavailableException', 'away', 503));
  expect(await described(fixture)).toMatchObject({ kind: 'unknown' });
  expect(fixture.timer.nowMs).toBe(10_000);
});

test('endless pages are unknown when the time runs out', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(DescribeLogGroupsCommand).callsFake(async () => {
    fixture.timer.nowMs += 500;
    return { logGroups: [], nextToken: 'again' };
  });
  expect(await described(fixture)).toMatchObject({ kind: 'unknown' });
  expect(fixture.timer.nowMs).toBe(10_000);
});

test("each group's creation time, retention and key are returned", async () => {
  const fixture = healthyMonitor();
  const group = { creationTime: 7, retentionInDays: 30, kmsKeyId: 'arn:aws:kms:key' };
  fixture.logs
    .on(DescribeLogGroupsCommand)
    .resolves({ logGroups: [{ logGroupName: first, ...group }] });
  expect(await described(fixture)).toEqual({
    kind: 'known',
    logGroups: new Map([
      [first, { createdEpochMs: 7, retentionDays: 30, kmsKeyId: 'arn:aws:kms:key' }],
    ]),
  });
});
