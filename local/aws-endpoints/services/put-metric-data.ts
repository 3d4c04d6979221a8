import { z } from 'zod';
import { dayMs } from '../../../lambda/common/time.ts';
import type { StatisticSet } from '../../recorders.ts';
import { AwsError, defineOperation } from '../protocol/operation.ts';
import type { MetricsContext } from './get-metric-data.ts';

/** CloudWatch rejects larger values, NaN and infinities. */
const largestValue = 2 ** 360;

const finite = 'a value is a finite number from -2^360 to 2^360';
const valueSchema = z.number(finite).min(-largestValue, finite).max(largestValue, finite);
const countSchema = z
  .number(finite)
  .positive('a count is greater than 0')
  .max(largestValue, finite);

const ascii = /^[\x20-\x7e]*$/;

const dimensionSchema = z.object({
  Name: z
    .string()
    .min(1)
    .max(255)
    .regex(ascii, 'a dimension name contains printable ASCII only')
    .regex(/^[^:]/, 'a dimension name does not start with a colon'),
  Value: z
    .string()
    .max(1024)
    .regex(ascii, 'a dimension value contains printable ASCII only')
    .regex(/\S/, 'a dimension value is not blank'),
});

const units =
  'Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None';

const datumSchema = z.object({
  MetricName: z.string().min(1).max(255),
  Dimensions: z.array(dimensionSchema).max(30).default([]),
  /** Epoch seconds. */
  Timestamp: z.number().optional(),
  Unit: z.enum(units.split(' ')).default('None'),
  StorageResolution: z.literal([1, 60]).optional(),
  Value: valueSchema.optional(),
  Values: z.array(valueSchema).min(1).max(150).optional(),
  Counts: z.array(countSchema).min(1).max(150).optional(),
  StatisticValues: z
    .object({
      SampleCount: countSchema,
      Sum: valueSchema,
      Minimum: valueSchema,
      Maximum: valueSchema,
    })
    .optional(),
});

type Datum = z.output<typeof datumSchema>;

const putMetricDataInputSchema = z.object({
  Namespace: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^:]/, 'a namespace does not start with a colon')
    .regex(/^(?!AWS\/)/, 'a namespace does not start with AWS/'),
  MetricData: z.array(datumSchema).min(1).max(1000),
  EntityMetricData: z.undefined('entities are not supported here').optional(),
});

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
