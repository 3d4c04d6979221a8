import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { countIncomingEvents } from '../../../lambda/coverage/incoming-events.ts';
import { allGroups, awsError, environment, healthyMonitor } from '../setup/monitor-fixture.ts';

type Fixture = ReturnType<typeof healthyMonitor>;

const tickEpochMs = Date.parse('2026-03-01T09:05:00Z');
const zeros = Object.fromEntries(allGroups.map((logGroup) => [logGroup, 0]));
const [first = '', second = ''] = allGroups;

function counted(fixture: Fixture, hours = 1) {
  const deadline = deadlineIn(fixture.timer, 10_000);
  return countIncomingEvents(fixture.shell, environment, { tickEpochMs, hours }, deadline);
}

function inputs({ cloudWatch }: Fixture) {
  return cloudWatch.commandCalls(GetMetricDataCommand).map((call) => call.args[0].input);
}

test('the sum of the events in the hours before the tick is queried for each group', async () => {
  const fixture = healthyMonitor();
  await counted(fixture, 3);
  const [input] = inputs(fixture);
  expect(input).toMatchObject({
    StartTime: new Date('2026-03-01T06:05:00Z'),
    EndTime: new Date('2026-03-01T09:05:00Z'),
  });
  const asked = input?.MetricDataQueries?.map(({ MetricStat }) => MetricStat);
  expect(asked).toMatchObject(
    allGroups.map((logGroup) => ({
      Metric: {
        Namespace: 'AWS/Logs',
        MetricName: 'IncomingLogEvents',
        Dimensions: [{ Name: 'LogGroupName', Value: logGroup }],
      },
      Stat: 'Sum',
    })),
  );
});

test('the values of all minutes and pages are added up by group', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch
    .on(GetMetricDataCommand)
    .resolvesOnce({ MetricDataResults: [{ Id: 'g0', Values: [1, 2] }], NextToken: 'more' })
    .resolvesOnce({
      MetricDataResults: [
        { Id: 'g0', Values: [4] },
        { Id: 'g1', Values: [8] },
      ],
    });
  expect(await counted(fixture)).toEqual({
    kind: 'known',
    counts: { ...zeros, [first]: 7, [second]: 8 },
  });
  expect(inputs(fixture).map(({ NextToken }) => NextToken)).toEqual([undefined, 'more']);
});

test('a group without a value had no event, since CloudWatch publishes none then', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch
    .on(GetMetricDataCommand)
    .resolves({ MetricDataResults: [{ Id: 'g0', Values: [] }, { Id: 'g1' }] });
  expect(await counted(fixture)).toEqual({ kind: 'known', counts: zeros });
});

test('a result that was not queried counts for no group', async () => {
  const fixture = healthyMonitor();
  const results = ['g5', 'gx'].map((Id) => ({ Id, Values: [9] }));
  fixture.cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults: results });
  expect(await counted(fixture)).toEqual({ kind: 'known', counts: zeros });
});

test('a denied call makes the counts unknown, and its reason is returned and logged', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch
    .on(GetMetricDataCommand)
    .rejects(awsError('AccessDenied', 'not authorized to perform cloudwatch:GetMetricData'));
  const reason =
    'GetMetricData failed: AccessDenied: not authorized to perform cloudwatch:GetMetricData';
  expect(await counted(fixture)).toEqual({ kind: 'unknown', reason, isPassing: false });
  expect(inputs(fixture)).toHaveLength(1);
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ level: 'error', decision: 'incoming-events-unknown', reason }),
  );
});

test('events are counted by the minute, so that a tick that is not at a full hour loses none', async () => {
  const fixture = healthyMonitor();
  await counted(fixture);
  const periods = inputs(fixture)[0]?.MetricDataQueries?.map(
    ({ MetricStat }) => MetricStat?.Period,
  );
  expect(new Set(periods)).toEqual(new Set([60]));
});

test.each(['InternalError', 'Forbidden'] as const)(
  'a result that has no values for %s is no zero',
  async (StatusCode) => {
    const fixture = healthyMonitor();
    fixture.cloudWatch
      .on(GetMetricDataCommand)
      .resolves({ MetricDataResults: [{ Id: 'g0', Values: [], StatusCode }] });
    const reason = `GetMetricData failed: Error: a result has the status ${StatusCode}`;
    expect(await counted(fixture)).toEqual({ kind: 'unknown', reason, isPassing: false });
  },
);

test('a page that fails makes all counts unknown', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch
    .on(GetMetricDataCommand)
    .resolvesOnce({ MetricDataResults: [{ Id: 'g0', Values: [1] }], NextToken: 'more' })
    .rejects(awsError('InvalidNextToken'));
  expect(await counted(fixture)).toMatchObject({ kind: 'unknown' });
});

test('a throttled call is retried until the time runs out', async () => {
  const fixture = healthyMonitor();
  const throttled = awsError('Throttling', 'Rate exceeded');
  fixture.cloudWatch.on(GetMetricDataCommand).rejectsOnce(throttled).resolves({});
  expect(await counted(fixture)).toMatchObject({ kind: 'known' });
  fixture.cloudWatch.on(GetMetricDataCommand).rejects(throttled);
  const before = fixture.timer.nowMs;
  expect(await counted(fixture)).toMatchObject({ kind: 'unknown' });
  expect(fixture.timer.nowMs - before).toBe(10_000);
});
