import { isRefused } from '../../doctor/metric-age.ts';
import type { Ask } from '../../doctor/observe/ask.ts';
import { getMetricData } from '../../doctor/observe/cloudwatch.ts';
import type { Window } from '../../lambda/windows.ts';
import type { AuditClients } from './audit-clients.ts';
import type { BytesByHour } from './estimate.ts';

const hourMs = 3_600_000;
/** CloudWatch keeps values by the hour for 15 months; shorter periods are gone sooner. */
const periodSeconds = 3_600;

/** What is known of the bytes that came in, or why it is not. */
export type IncomingBytes =
  | { readonly kind: 'known'; readonly groups: ReadonlyMap<string, BytesByHour> }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * The bytes that came into log groups by the hour, by CloudWatch Logs' own metric, which costs no scan.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 */
export async function incomingBytes(
  ask: Ask,
  clients: Pick<AuditClients, 'cloudWatch'>,
  logGroups: readonly string[],
  { startEpochMs, endEpochMs }: Window,
): Promise<IncomingBytes> {
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
        Period: periodSeconds,
        Stat: 'Sum',
      },
    })),
    {
      startEpochMs: Math.floor(startEpochMs / hourMs) * hourMs,
      endEpochMs: Math.ceil(endEpochMs / hourMs) * hourMs,
    },
  );
  if (results.kind !== 'known') {
    const how = results.kind === 'denied' ? 'may not be called' : 'failed';
    return { kind: 'unknown', reason: `${results.action} ${how} (${results.error})` };
  }
  const groups = new Map(
    results.value
      .filter((result) => !isRefused(result))
      .map(({ Label = '', Timestamps = [], Values = [] }) => [
        Label,
        new Map(Timestamps.map((time, at) => [Date.parse(time), Values[at] ?? 0])),
      ]),
  );
  return { kind: 'known', groups };
}
