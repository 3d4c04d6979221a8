import { z } from 'zod';
import { statisticOf, statistics } from '../../alarms/metric-alarm.ts';
import type { IngestionSpan } from '../../insights-engine/engine-types.ts';
import type { MetricIdentity, MetricRecorder } from '../../recorders.ts';
import { isEventStoreEngine, type QueryEngine } from '../logs/query-engine.ts';
import { AwsError, defineOperation, type OperationContext } from '../protocol/operation.ts';

/**
 * The metrics that CloudWatch Logs publishes about events received by a log group, by ingestion
 * time.
 */
export const incomingLogs = {
  namespace: 'AWS/Logs',
  eventsMetricName: 'IncomingLogEvents',
  bytesMetricName: 'IncomingBytes',
  dimension: 'LogGroupName',
} as const;

/**
 * Moves a span into the recorded time. A recording says nothing about the time before and after it,
 * so the nearest recorded span represents it: a group is silent only where the recording shows it
 * silent.
 *
 * A span at least as long as the recording is moved to contain all of it.
 */
export function recordedSpan(asked: IngestionSpan, recorded: IngestionSpan): IngestionSpan {
  const lengthMs = asked.endEpochMs - asked.startEpochMs;
  const latestStart = Math.min(asked.startEpochMs, recorded.endEpochMs - lengthMs);
  const startEpochMs = Math.max(latestStart, recorded.startEpochMs);
  return { startEpochMs, endEpochMs: startEpochMs + lengthMs };
}

type Counts = Pick<QueryEngine, 'ingestionSpan' | 'countIngested'>;

/**
 * Counts each span once. {@link recordedSpan} maps every hour of a week to the same span of a short
 * recording, which would otherwise be counted again and again.
 */
function countingOnce(engine: Counts): Counts {
  const counts = new Map<string, Promise<number>>();
  let recorded: ReturnType<Counts['ingestionSpan']> | undefined;
  return {
    ingestionSpan: () => {
      recorded ??= engine.ingestionSpan();
      return recorded;
    },
    countIngested: (logGroup, span) => {
      const key = `${logGroup} ${span.startEpochMs} ${span.endEpochMs}`;
      const count = counts.get(key) ?? engine.countIngested(logGroup, span);
      counts.set(key, count);
      return count;
    },
  };
}

/**
 * The number of events in a span; for loaded logs, in its {@link recordedSpan}.
 *
 * @returns undefined when there were none: CloudWatch Logs publishes no zeros
 */
async function countIncoming(
  engine: Counts,
  logGroup: string,
  asked: IngestionSpan,
): Promise<number | undefined> {
  const recorded = await engine.ingestionSpan();
  const span = recorded === undefined ? asked : recordedSpan(asked, recorded);
  const count = await engine.countIngested(logGroup, span);
  return count === 0 ? undefined : count;
}

/**
 * Bytes of messages in UTF-8, in exactly the span asked for: they measure volume, not whether a
 * group is alive. What AWS adds for each event is not documented.
 *
 * @returns undefined when there were none, or the engine does not know
 */
async function incomingBytes(
  engine: QueryEngine,
  logGroup: string,
  asked: IngestionSpan,
): Promise<number | undefined> {
  if (!isEventStoreEngine(engine)) return undefined;
  const bytes = await engine.bytesIngested(logGroup, asked);
  return bytes === 0 ? undefined : bytes;
}

export interface MetricsContext extends OperationContext {
  readonly engine: QueryEngine;
  readonly metrics: MetricRecorder;
}

/** Maximum number of values in one response; pages are not supported here. */
const maxValues = 100_800;

const querySchema = z.object({
  Id: z.string().regex(/^[a-z]\w{0,254}$/, 'an id starts with a lower-case letter'),
  Label: z.string().optional(),
  ReturnData: z.literal(true, 'only true is supported here').default(true),
  Expression: z.undefined('metric math is not supported here').optional(),
  MetricStat: z.object({
    Metric: z.object({
      Namespace: z.string().min(1),
      MetricName: z.string().min(1),
      Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
    }),
    Period: z.int().min(60, 'a period is at least 60 seconds here').multipleOf(60),
    Stat: z.enum(statistics),
    Unit: z.string().optional(),
  }),
});

const input = z.object({
  MetricDataQueries: z.array(querySchema).min(1).max(500),
  /** Epoch seconds, as are all times here. */
  StartTime: z.number(),
  EndTime: z.number(),
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).default('TimestampDescending'),
});

type MetricStat = z.output<typeof querySchema>['MetricStat'];

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 *
 * Periods begin at StartTime, which CloudWatch would round down. Only metrics that were put here
 * and `IncomingLogEvents` and `IncomingBytes` of AWS/Logs have values; as in CloudWatch, an unknown
 * metric has none.
 */
export const getMetricData = defineOperation(
  'GetMetricData',
  'InvalidParameterValueException',
  input,
  async ({ MetricDataQueries, StartTime, EndTime, ScanBy }, context: MetricsContext) => {
    if (StartTime >= EndTime) {
      throw invalid(`StartTime: earlier than EndTime (${EndTime}), got ${StartTime}`);
    }
    const counts = countingOnce(context.engine);
    const results = [];
    for (const { Id, Label, MetricStat } of MetricDataQueries) {
      const spans = spansOf(StartTime * 1000, EndTime * 1000, MetricStat.Period * 1000);
      if (ScanBy === 'TimestampDescending') spans.reverse();
      const values = await Promise.all(
        spans.map(async (span) => ({
          span,
          value: await metricValue(MetricStat, span, { ...context, counts }),
        })),
      );
      const known = values.filter(({ value }) => value !== undefined);
      results.push({
        Id,
        Label: Label ?? MetricStat.Metric.MetricName,
        Timestamps: known.map(({ span }) => span.startEpochMs / 1000),
        Values: known.map(({ value }) => value),
        StatusCode: 'Complete',
      });
    }
    return { MetricDataResults: results, Messages: [] };
  },
);

function spansOf(startEpochMs: number, endEpochMs: number, periodMs: number): IngestionSpan[] {
  const count = Math.ceil((endEpochMs - startEpochMs) / periodMs);
  if (count > maxValues) {
    throw invalid(`StartTime and EndTime: at most ${maxValues} periods apart, got ${count}`);
  }
  return Array.from({ length: count }, (_, index) => {
    const start = startEpochMs + index * periodMs;
    return { startEpochMs: start, endEpochMs: Math.min(start + periodMs, endEpochMs) };
  });
}

async function metricValue(
  { Metric, Stat, Unit }: MetricStat,
  span: IngestionSpan,
  {
    engine,
    metrics,
    counts,
  }: MetricsContext & { readonly counts: ReturnType<typeof countingOnce> },
): Promise<number | undefined> {
  const identity: MetricIdentity = {
    namespace: Metric.Namespace,
    metricName: Metric.MetricName,
    dimensions: Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
  const { namespace, eventsMetricName, bytesMetricName, dimension } = incomingLogs;
  const { metricName } = identity;
  const isIncoming = metricName === eventsMetricName || metricName === bytesMetricName;
  if (identity.namespace === namespace && isIncoming) {
    if (Stat !== 'Sum')
      throw invalid(`Stat: only Sum is supported for ${metricName} here, got ${Stat}`);
    const logGroup = identity.dimensions[dimension];
    if (logGroup === undefined) return undefined;
    return metricName === eventsMetricName
      ? countIncoming(counts, logGroup, span)
      : incomingBytes(engine, logGroup, span);
  }
  const found = metrics.read(identity, span.startEpochMs, span.endEpochMs, Unit);
  return found && statisticOf(Stat, found);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}
