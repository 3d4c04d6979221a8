import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricStat,
} from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { isRefused } from '../facts/metric-age.ts';
import {
  type MetricAlarm,
  type MetricDataResult,
  metricAlarmShape,
  metricDataResultShape,
} from '../shapes/cloudwatch.ts';
import type { Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { allPages } from './pages.ts';

type CloudWatch = Pick<DoctorClients, 'cloudWatch'>;

export function describeAlarms(
  ask: Ask,
  { cloudWatch }: CloudWatch,
  prefix: string,
): Promise<Part<MetricAlarm[]>> {
  return ask('cloudwatch:DescribeAlarms', z.array(metricAlarmShape), () =>
    allPages(async (NextToken) => {
      const page = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNamePrefix: prefix, NextToken }),
      );
      return { items: page.MetricAlarms, next: page.NextToken };
    }),
  );
}

/** One metric to read; the label identifies its values in the answer. */
export interface Reading {
  readonly label: string;
  readonly stat: MetricStat;
}

/** The values of metrics in a span of time; values from several pages are merged by label. */
export function getMetricData(
  ask: Ask,
  { cloudWatch }: CloudWatch,
  readings: readonly Reading[],
  span: { readonly startEpochMs: number; readonly endEpochMs: number },
): Promise<Part<MetricDataResult[]>> {
  return ask('cloudwatch:GetMetricData', z.array(metricDataResultShape), async () => {
    const results = await allPages(async (NextToken) => {
      const page = await cloudWatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(span.startEpochMs),
          EndTime: new Date(span.endEpochMs),
          MetricDataQueries: readings.map(({ label, stat }, at) => ({
            Id: `m${at}`,
            Label: label,
            MetricStat: stat,
          })),
          NextToken,
        }),
      );
      return { items: page.MetricDataResults, next: page.NextToken };
    });
    const byLabel = Map.groupBy(results, ({ Label }) => Label);
    return Array.from(byLabel, ([Label, parts]) => ({
      Label,
      Timestamps: parts.flatMap(({ Timestamps = [] }) => Timestamps),
      Values: parts.flatMap(({ Values = [] }) => Values),
      StatusCode: parts.find(isRefused)?.StatusCode ?? parts.at(-1)?.StatusCode,
    }));
  });
}
