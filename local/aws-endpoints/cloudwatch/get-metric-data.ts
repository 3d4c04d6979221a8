import { z } from 'zod';
import { defineOperation, type EndpointContext } from '../operation.ts';

const input = z.looseObject({
  /** Epoch seconds; the end is not included. */
  StartTime: z.number(),
  EndTime: z.number(),
  MetricDataQueries: z
    .array(
      z.looseObject({
        Id: z.string().regex(/^[a-z]\w*$/, 'an id begins with a small letter'),
        MetricStat: z.looseObject({
          Metric: z.object({
            Namespace: z.literal('AWS/Logs', 'only AWS/Logs is answered here'),
            MetricName: z.literal('IncomingLogEvents', 'only IncomingLogEvents is answered here'),
            Dimensions: z.tuple([z.object({ Name: z.literal('LogGroupName'), Value: z.string() })]),
          }),
          Period: z.int().min(60),
          Stat: z.literal('Sum', 'only Sum is answered here'),
        }),
      }),
    )
    .min(1)
    .max(500),
});

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 *
 * Answers how many events came into a log group. A recording has an end, behind which its groups are
 * not silent but unknown: a time behind the last event is taken for the time up to it.
 */
export const getMetricData = defineOperation(
  'GetMetricData',
  'InvalidParameterValueException',
  input,
  async ({ StartTime, EndTime, MetricDataQueries }, { engine }) => ({
    MetricDataResults: await Promise.all(
      MetricDataQueries.map(async ({ Id, MetricStat: { Metric } }) => {
        const [{ Value: logGroup }] = Metric.Dimensions;
        const count = await countIncoming(engine, logGroup, StartTime * 1000, EndTime * 1000);
        const found = count === 0 ? [] : [count];
        return {
          Id,
          Label: logGroup,
          StatusCode: 'Complete',
          Timestamps: found.map(() => StartTime),
          Values: found,
        };
      }),
    ),
    Messages: [],
  }),
);

async function countIncoming(
  engine: EndpointContext['engine'],
  logGroup: string,
  startEpochMs: number,
  endEpochMs: number,
): Promise<number> {
  const lastEpochMs = await engine.lastIngestionEpochMs();
  const lateMs = Math.max(0, endEpochMs - 1 - (lastEpochMs ?? endEpochMs - 1));
  return engine.countIngested(logGroup, startEpochMs - lateMs, endEpochMs - lateMs);
}
