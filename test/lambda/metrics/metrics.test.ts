import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { deadlineIn } from '../../../lambda/common/time.ts';
import {
  type MetricKey,
  metricDefinitions,
  metricNamespace,
} from '../../../lambda/metrics/metric-definitions.ts';
import type { MetricDefinition } from '../../../lambda/metrics/metric-shape.ts';
import { putMetrics } from '../../../lambda/metrics/put-metrics.ts';
import {
  healthData,
  type TickHealth,
  type TickTotals,
  totalsData,
} from '../../../lambda/metrics/tick-totals.ts';
import { awsError, healthyMonitor } from '../setup/monitor-fixture.ts';

const logGroup = 'airflow-prod-Task';
const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');

/** The metrics that are sums over slices, and their numbers. */
const sums = Object.entries<MetricDefinition>(metricDefinitions)
  .filter(([, { sum }]) => sum)
  .map(([key, { per }], index) => ({ key, per, number: index + 7 }));
const totals = {
  tickEpochMs,
  ...Object.fromEntries(
    sums.map(({ key, per, number }) => [
      ...[key, per === 'log-group' ? new Map([[logGroup, number]]) : number],
    ]),
  ),
} as TickTotals;

/** Metrics that are neither summed over slices nor the coverage or the heartbeat, and their numbers. */
const numbers = Object.fromEntries(
  Object.entries<MetricDefinition>(metricDefinitions)
    .filter(([key, { sum }]) => !sum && key !== 'logGroupCovered' && key !== 'scanCompleted')
    .map(([key], index) => [key, index + 2]),
) as Omit<TickHealth, 'tickEpochMs' | 'coverage' | 'scanCompleted' | 'bytesScanned'>;
const health: TickHealth = {
  ...numbers,
  tickEpochMs,
  coverage: [{ logType: 'Task', logGroup, scan: true }],
  scanCompleted: true,
  bytesScanned: 2345,
};

const nameOf = (key: string) => metricDefinitions[key as MetricKey].name;

function valuesOf(data: ReturnType<typeof healthData>) {
  return data.map(({ MetricName, Value }) => [MetricName, Value]);
}

test('the sums of a tick are put per log group and for the environment', () => {
  expect(sums.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['addRoleMatches', 'lateChanges']),
  );
  expect(valuesOf(totalsData('prod', totals))).toEqual(
    sums.map(({ key, number }) => [nameOf(key), number]),
  );
});

test('the health of a tick is put as coverage per log group, heartbeat, lags and counts', () => {
  expect(valuesOf(healthData('prod', health))).toEqual([
    ['LogGroupCovered', 1],
    ['ScanCompleted', 1],
    ...Object.entries(numbers).map(([key, number]) => [nameOf(key), number]),
    ['BytesScanned', 2345],
  ]);
});

test('a group that may be off, and is, is neither covered nor blind', () => {
  const off = { cause: 'disabled', detail: 'd' } as const;
  const coverage = health.coverage.map((group) => ({ ...group, off }));
  const names = valuesOf(healthData('prod', { ...health, coverage })).map(([name]) => name);
  expect(names).not.toContain('LogGroupCovered');
  expect(names).toContain('ScanCompleted');
});

test('each metric is put with the dimensions and the unit of its definition, stamped with the tick', () => {
  const definitions = new Map<string, MetricDefinition>(
    Object.values(metricDefinitions).map((definition) => [definition.name, definition]),
  );
  const data = [...totalsData('prod', totals), ...healthData('prod', health)];
  expect(new Set(data.map(({ MetricName }) => MetricName))).toEqual(new Set(definitions.keys()));
  for (const { MetricName, Dimensions, Unit, Timestamp } of data) {
    const definition = definitions.get(MetricName ?? '');
    expect(Dimensions).toEqual([
      { Name: 'Environment', Value: 'prod' },
      ...(definition?.per === 'log-group' ? [{ Name: 'LogGroup', Value: logGroup }] : []),
    ]);
    expect(Unit).toBe(definition?.unit);
    expect(Timestamp).toEqual(new Date(tickEpochMs));
  }
});

test('a blind group has coverage 0', () => {
  const blind = { cause: 'disabled', detail: '' } as const;
  const coverage = [{ logType: 'Task', logGroup, scan: false, blind } as const];
  expect(valuesOf(healthData('prod', { ...health, coverage }))).toContainEqual([
    ...['LogGroupCovered', 0],
  ]);
});

test.each([
  ['scanCompleted', false],
  ...Object.keys(numbers).map((key) => [key, undefined] as const),
] as const)('with %s %s its metric is left out instead of being put as 0', (key, value) => {
  const names = healthData('prod', { ...health, [key]: value }).map((datum) => datum.MetricName);
  const all = healthData('prod', health).map((datum) => datum.MetricName);
  expect(names).toEqual(all.filter((name) => name !== nameOf(key)));
});

test('a group whose count is not known has no AddRoleMatches', () => {
  const unknown = { ...totals, addRoleMatches: new Map() };
  expect(totalsData('prod', unknown).map(({ MetricName }) => MetricName)).not.toContain(
    'AddRoleMatches',
  );
});

function put(count: number, fixture = healthyMonitor()) {
  const data = Array.from({ length: count }, () => totalsData('prod', totals).slice(0, 1)).flat();
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
