import { dayMs } from '../../../lambda/common/time.ts';
import type { StatisticSet } from '../../metric-recorder.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation } from '../protocol/operation.ts';
import type { MetricsContext } from './get-metric-data.ts';
import { type Datum, putMetricDataInputSchema } from './put-metric-data-input.ts';

/** How far a value's timestamp may be from now. */
const oldestMs = 14 * dayMs;
const newestMs = 2 * 3600_000;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export const putMetricData = defineOperation(
  'PutMetricData',
  'InvalidParameterValueException',
  putMetricDataInputSchema,
  ({ Namespace: namespace, MetricData }, { metrics, clock }: MetricsContext) => {
    const nowEpochMs = clock.nowEpochMs();
    const data = MetricData.map((datum, index) => ({
      namespace,
      metricName: datum.MetricName,
      dimensions: Object.fromEntries(datum.Dimensions.map(({ Name, Value }) => [Name, Value])),
      unit: datum.Unit,
      timestampEpochMs: timestampOf(datum, index, nowEpochMs),
      statistics: statisticsOf(datum, index),
    }));
    // After all checks: a request is accepted completely or not at all.
    for (const datum of data) metrics.put(datum);
    return {};
  },
);

function timestampOf({ Timestamp }: Datum, index: number, nowEpochMs: number): number {
  if (Timestamp === undefined) return nowEpochMs;
  const epochMs = Math.round(Timestamp * 1000);
  if (epochMs < nowEpochMs - oldestMs || epochMs > nowEpochMs + newestMs) {
    throw invalid(
      `MetricData.${index}.Timestamp: must be from two weeks ago to two hours from now, got ${Timestamp}`,
    );
  }
  return epochMs;
}

function statisticsOf(datum: Datum, index: number): StatisticSet {
  const { Value, Values, Counts, StatisticValues } = datum;
  const given = [Value, Values, StatisticValues].filter((value) => value !== undefined).length;
  if (given !== 1) {
    throw invalid(
      `MetricData.${index}: exactly one of Value, Values and StatisticValues, got ${given} of them`,
    );
  }
  if (StatisticValues) {
    const { SampleCount, Sum, Minimum, Maximum } = StatisticValues;
    if (Minimum > Maximum) {
      throw invalid(`MetricData.${index}.StatisticValues: Minimum ${Minimum} > Maximum ${Maximum}`);
    }
    return { sampleCount: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum };
  }
  const values = Values ?? [Value ?? 0];
  const counts = Counts ?? values.map(() => 1);
  if (counts.length !== values.length) {
    throw invalid(
      `MetricData.${index}.Counts: as many as Values, got ${counts.length} for ${values.length}`,
    );
  }
  return {
    sampleCount: counts.reduce((total, count) => total + count, 0),
    sum: values.reduce((total, value, i) => total + value * (counts[i] ?? 1), 0),
    minimum: Math.min(...values),
    maximum: Math.max(...values),
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}
