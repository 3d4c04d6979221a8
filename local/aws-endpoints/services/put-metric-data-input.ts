import { z } from 'zod';

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

export type Datum = z.output<typeof datumSchema>;

export const putMetricDataInputSchema = z.object({
  Namespace: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^:]/, 'a namespace does not start with a colon')
    .regex(/^(?!AWS\/)/, 'a namespace does not start with AWS/'),
  MetricData: z.array(datumSchema).min(1).max(1000),
  EntityMetricData: z.undefined('entities are not supported here').optional(),
});
