import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { hourMs, minuteMs } from '../../../../lambda/common/time.ts';
import {
  incomingLogs,
  recordedSpan,
} from '../../../../local/aws-endpoints/services/get-metric-data.ts';
import { InsightsEngine } from '../../../../local/insights-engine/engine.ts';
import { clientFor, endpoints, now, stopEndpoints } from '../with-endpoints.ts';

const logGroup = 'airflow-prod-Scheduler';
const engines: InsightsEngine[] = [];

afterEach(async () => {
  await stopEndpoints();
  for (const engine of engines.splice(0)) engine.close();
});

/** Two hours of a busy group; its message says how late an event is. */
async function ask(
  events: readonly { readonly atMs: number; readonly lateMs?: number; readonly group?: string }[],
  changes: Partial<GetMetricDataCommandInput> = {},
) {
  const engine = await InsightsEngine.open();
  engines.push(engine);
  await engine.load(
    events.map(({ atMs, lateMs = 0, group = logGroup }) => ({
      logGroup: group,
      logStream: 'stream',
      timestamp: now + atMs,
      ingestionTime: now + atMs + lateMs,
      message: 'x',
    })),
  );
  const started = await endpoints({ engine });
  const client = new CloudWatchClient(clientFor(started));
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(now),
      EndTime: new Date(now + hourMs),
      MetricDataQueries: [incoming()],
      ...changes,
    }),
  );
  return MetricDataResults?.map(({ Values }) => Values);
}

function incoming(changes: Partial<MetricDataQuery['MetricStat']> = {}): MetricDataQuery {
  const { namespace, eventsMetricName, dimension } = incomingLogs;
  return {
    Id: 'g0',
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: eventsMetricName,
        Dimensions: [{ Name: dimension, Value: logGroup }],
      },
      Period: 3600,
      Stat: 'Sum',
      ...changes,
    },
  };
}

const recording = [-hourMs, 0, minuteMs, 2 * minuteMs, 3 * hourMs].map((atMs) => ({
  atMs,
  group: 'airflow-prod-Task',
}));

test('events count in the hour of their ingestion, whatever their own time is', async () => {
  const events = [
    { atMs: minuteMs },
    { atMs: 2 * minuteMs, lateMs: 2 * hourMs },
    { atMs: -30 * minuteMs, lateMs: hourMs },
  ];
  expect(await ask([...recording, ...events])).toEqual([[2]]);
});

test('a group without events in the hour has no value, not a zero', async () => {
  expect(await ask(recording)).toEqual([[]]);
});

test('after the end of the recording, its last hour is used', async () => {
  const events = [{ atMs: -2 * hourMs }, { atMs: -3 * minuteMs }, { atMs: -2 * minuteMs }];
  expect(await ask(events)).toEqual([[2]]);
});

test('before the beginning of the recording, its first hour is used', async () => {
  expect(await ask([{ atMs: 2 * hourMs }, { atMs: 4 * hourMs }])).toEqual([[1]]);
});

test('an hour longer than the recording contains all of it', async () => {
  expect(await ask([{ atMs: 0 }, { atMs: minuteMs }, { atMs: 2 * minuteMs }])).toEqual([[3]]);
});

test('bytes count only in the hour itself', async () => {
  const metric = incoming().MetricStat?.Metric;
  const bytes = incoming({ Metric: { ...metric, MetricName: incomingLogs.bytesMetricName } });
  const inHour = [{ atMs: minuteMs }, { atMs: 2 * minuteMs }];
  expect(await ask(inHour, { MetricDataQueries: [bytes] })).toEqual([[2]]);
  const before = [{ atMs: -2 * hourMs }, { atMs: -2 * minuteMs }];
  expect(await ask(before, { MetricDataQueries: [bytes] })).toEqual([[]]);
});

test('the moved span has the same length and overlaps the recording as far as possible', () => {
  const time = fc.integer({ min: 0, max: 1_000 });
  const length = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(time, length, time, length, (start, lengthMs, recordedStart, recordedMs) => {
      const recorded = { startEpochMs: recordedStart, endEpochMs: recordedStart + recordedMs };
      const asked = { startEpochMs: start, endEpochMs: start + lengthMs };
      const found = recordedSpan(asked, recorded);
      expect(found.endEpochMs - found.startEpochMs).toBe(lengthMs);
      expect(found.startEpochMs).toBeGreaterThanOrEqual(recordedStart);
      if (lengthMs <= recordedMs) expect(found.endEpochMs).toBeLessThanOrEqual(recorded.endEpochMs);
      const isWithin =
        asked.startEpochMs >= recordedStart && asked.endEpochMs <= recorded.endEpochMs;
      if (isWithin) expect(found).toEqual(asked);
    }),
  );
});

test('put values are read back by statistic and period, newest first', async () => {
  const started = await endpoints();
  const metric = { namespace: 'Own', metricName: 'ScanLag', dimensions: { Environment: 'prod' } };
  for (const [minute, value] of [300, 420, 360].entries()) {
    started.metrics.putValue({ ...metric, unit: 'Seconds' }, value, now + minute * minuteMs);
  }
  const stat = (Period: number, Stat: string) => ({
    Metric: {
      Namespace: 'Own',
      MetricName: 'ScanLag',
      Dimensions: [{ Name: 'Environment', Value: 'prod' }],
    },
    ...{ Period, Stat },
  });
  const client = new CloudWatchClient(clientFor(started));
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(now),
      EndTime: new Date(now + 4 * minuteMs),
      MetricDataQueries: [
        { Id: 'a', MetricStat: stat(60, 'Maximum') },
        { Id: 'b', MetricStat: stat(120, 'Maximum') },
        { Id: 'c', MetricStat: { ...stat(60, 'Maximum'), Unit: 'Count' } },
      ],
    }),
  );
  expect(MetricDataResults.map(({ Values }) => Values)).toEqual([[360, 420, 300], [360, 420], []]);
  expect(MetricDataResults[1]?.Timestamps).toEqual([new Date(now + 2 * minuteMs), new Date(now)]);
});

test.each([
  ['metric math', { MetricDataQueries: [{ Id: 'e', Expression: 'g0 + 1' }] }, 'metric math'],
  ['a period under a minute', { MetricDataQueries: [incoming({ Period: 10 })] }, '60 seconds'],
  ['another statistic', { MetricDataQueries: [incoming({ Stat: 'Average' })] }, 'only Sum'],
  ['an end before its start', { EndTime: new Date(now) }, 'earlier than EndTime'],
])('%s is refused by name', async (_what, changes, expected) => {
  await expect(ask(recording, changes)).rejects.toThrow(expected);
});
