import { isRefused } from '../../doctor/facts/metric-age.ts';
import type { Ask } from '../../doctor/observe/ask.ts';
import { getMetricData } from '../../doctor/observe/read-cloudwatch.ts';
import { dayMs, minuteMs, secondMs } from '../../lambda/common/time.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { AuditClients } from './audit-clients.ts';
import type { MeteredBytes } from './estimate.ts';
import { lengthMs } from './spans.ts';

/**
 * The period of the metric to read. CloudWatch retains values by minute for 15 days, by five
 * minutes for 63 days, and by hour for 15 months; a long range needs no finer period.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
export function periodMsOf(range: Window, nowEpochMs: number): number {
  const ageMs = nowEpochMs - range.startEpochMs;
  if (ageMs < 14 * dayMs && lengthMs(range) <= dayMs) return minuteMs;
  if (ageMs < 62 * dayMs && lengthMs(range) <= 7 * dayMs) return 5 * minuteMs;
  return 60 * minuteMs;
}

/** The received bytes by log group, or why they are not known. */
export type IncomingBytes =
  | { readonly kind: 'known'; readonly groups: ReadonlyMap<string, MeteredBytes> }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * The bytes that log groups received, from CloudWatch Logs' own metric, which costs no scan.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 */
export async function incomingBytes(
  ask: Ask,
  clients: Pick<AuditClients, 'cloudWatch'>,
  logGroups: readonly string[],
  range: Window,
  nowEpochMs: number,
): Promise<IncomingBytes> {
  const periodMs = periodMsOf(range, nowEpochMs);
  const results = await getMetricData(
    ask,
    clients,
    logGroups.map((label) => ({
      label,
      stat: {
        Metric: {
          Namespace: 'AWS/Logs',
          MetricName: 'IncomingBytes',
          Dimensions: [{ Name: 'LogGroupName', Value: label }],
        },
        Period: periodMs / secondMs,
        Stat: 'Sum',
      },
    })),
    {
      startEpochMs: Math.floor(range.startEpochMs / periodMs) * periodMs,
      endEpochMs: Math.ceil(range.endEpochMs / periodMs) * periodMs,
    },
  );
  if (results.kind !== 'known') {
    const how = results.kind === 'denied' ? 'was denied' : 'failed';
    return { kind: 'unknown', reason: `${results.action} ${how} (${results.error})` };
  }
  const groups = new Map(
    results.value
      .filter((result) => !isRefused(result))
      .map(({ Label = '', Timestamps = [], Values = [] }) => [
        Label,
        {
          periodMs,
          values: new Map(Timestamps.map((time, at) => [Date.parse(time), Values[at] ?? 0])),
        },
      ]),
  );
  return { kind: 'known', groups };
}
