import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { metricDefinitions, metricNamespace } from '../../lambda/metric-definitions.ts';
import { metricData, type TickNumbers } from '../../lambda/metrics.ts';
import { putMetrics } from '../../lambda/put-metrics.ts';
import { deadlineIn } from '../../lambda/time.ts';
import { awsError, healthyMonitor } from './monitor-fixture.ts';

const logGroup = 'airflow-prod-Task';
const base: TickNumbers = {
  mwaaEnvironment: 'prod',
  tickEpochMs: Date.parse('2026-03-01T09:00:00Z'),
  coverage: [{ logType: 'Task', logGroup, scan: true }],
  matches: new Map([[logGroup, 7]]),
  privilegeChanges: new Map([[logGroup, 2]]),
  suppressedChanges: 3,
  scanCompleted: true,
  bytesScanned: 1234,
};
const blind: TickNumbers['coverage'] = [
  { logType: 'Task', logGroup, scan: false, blind: { cause: 'disabled', detail: '' } },
];

function values(numbers: TickNumbers) {
  return metricData(numbers).map(({ MetricName, Value }) => [MetricName, Value]);
}

test('a tick becomes numbers per log group, heartbeat and bytes per environment', () => {
  const group = [
    { Name: 'Environment', Value: 'prod' },
    { Name: 'LogGroup', Value: logGroup },
  ];
  const environmentOnly = [{ Name: 'Environment', Value: 'prod' }];
  const Timestamp = new Date('2026-03-01T09:00:00Z');
  const Unit = 'Count';
  expect(metricData(base)).toEqual([
    { MetricName: 'AddRoleMatches', Dimensions: group, Timestamp, Unit, Value: 7 },
    { MetricName: 'PrivilegeChanges', Dimensions: group, Timestamp, Unit, Value: 2 },
    { MetricName: 'SuppressedChanges', Dimensions: environmentOnly, Timestamp, Unit, Value: 3 },
    { MetricName: 'LogGroupCovered', Dimensions: group, Timestamp, Unit, Value: 1 },
    { MetricName: 'ScanCompleted', Dimensions: environmentOnly, Timestamp, Unit, Value: 1 },
    {
      MetricName: 'BytesScanned',
      Dimensions: environmentOnly,
      Timestamp,
      Unit: 'Bytes',
      Value: 1234,
    },
  ]);
});

test('every datum has the dimensions and the unit of its definition', () => {
  const definitions = new Map(
    Object.values(metricDefinitions).map((definition) => [definition.name as string, definition]),
  );
  for (const { MetricName, Dimensions, Unit } of metricData(base)) {
    const definition = definitions.get(MetricName ?? '');
    expect(Dimensions?.map(({ Name }) => Name)).toEqual(definition?.dimensions);
    expect(Unit).toBe(definition?.unit);
  }
});

test('where no finding could be known nothing is said of findings', () => {
  const unknown = { ...base, privilegeChanges: new Map(), suppressedChanges: undefined };
  const names = values(unknown).map(([name]) => name);
  expect(names).not.toContain('PrivilegeChanges');
  expect(names).not.toContain('SuppressedChanges');
});

test('a blind group has coverage 0', () => {
  expect(values({ ...base, coverage: blind })).toContainEqual(['LogGroupCovered', 0]);
});

test('a scan that did not complete leaves the heartbeat out instead of putting a 0', () => {
  expect(values({ ...base, scanCompleted: false }).map(([name]) => name)).toEqual([
    'AddRoleMatches',
    'PrivilegeChanges',
    'SuppressedChanges',
    'LogGroupCovered',
    'BytesScanned',
  ]);
});

test('a group whose number is not known has no AddRoleMatches', () => {
  expect(values({ ...base, matches: new Map() }).map(([name]) => name)).not.toContain(
    'AddRoleMatches',
  );
});

function put(count: number, fixture = healthyMonitor()) {
  const data = Array.from({ length: count }, () => metricData(base).slice(0, 1)).flat();
  return putMetrics(fixture.shell, data, deadlineIn(fixture.timer, 10_000));
}

test.each([
  [1, [1]],
  [1000, [1000]],
  [1001, [1000, 1]],
])('%i data are put in calls of at most 1000', async (count, sizes) => {
  const fixture = healthyMonitor();
  await put(count, fixture);
  const inputs = fixture.cloudWatch
    .commandCalls(PutMetricDataCommand)
    .map((call) => call.args[0].input);
  expect(inputs.map(({ MetricData }) => MetricData?.length)).toEqual(sizes);
  expect(inputs[0]?.Namespace).toBe(metricNamespace);
});

test.each([
  awsError('ThrottlingException'),
  awsError('ServiceUnavailableException', 'away', 503),
  awsError('InternalServiceFault', 'oops', 500),
])('a put is repeated after %s, since a Maximum stays right', async (error) => {
  const fixture = healthyMonitor();
  fixture.cloudWatch.on(PutMetricDataCommand).rejectsOnce(error).resolves({});
  await put(1, fixture);
  expect(fixture.cloudWatch.commandCalls(PutMetricDataCommand)).toHaveLength(2);
});

test('a put that is refused is not repeated', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch.on(PutMetricDataCommand).rejects(awsError('InvalidParameterValueException'));
  await expect(put(1, fixture)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  expect(fixture.cloudWatch.commandCalls(PutMetricDataCommand)).toHaveLength(1);
});
