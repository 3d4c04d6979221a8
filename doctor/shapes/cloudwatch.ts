import { z } from 'zod';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
export const metricAlarmShape = z
  .object({
    AlarmName: z.string(),
    AlarmArn: z.string(),
    StateValue: z.string(),
    StateReason: z.string(),
    ActionsEnabled: z.boolean(),
    AlarmActions: z.array(z.string()),
  })
  .partial();

export type MetricAlarm = z.output<typeof metricAlarmShape>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html */
export const metricDataResultShape = z
  .object({
    /** The name of the log group or metric. */
    Label: z.string(),
    /** The n-th timestamp belongs to the n-th value. */
    Timestamps: z.array(z.iso.datetime()),
    Values: z.array(z.number()),
    /**
     * `Complete`; `PartialData` before the last page; `InternalError` and `Forbidden` without
     * values.
     */
    StatusCode: z.string(),
  })
  .partial();

export type MetricDataResult = z.output<typeof metricDataResultShape>;
