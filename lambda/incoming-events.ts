import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type CallShell, callAws, isPassingFailure } from './call-aws.ts';
import { describeError } from './log.ts';
import { logGroupName, logTypes } from './log-types.ts';
import type { Deadline } from './time.ts';

/** How many events came into each log group, or why that cannot be told. */
export type EventCounts =
  | { readonly kind: 'known'; readonly counts: Readonly<Record<string, number>> }
  | { readonly kind: 'unknown'; readonly reason: string; readonly isPassing: boolean };

const lostAnswersMax = 3;
/**
 * By the minute: a longer period is counted in parts of the clock's hour, of which a tick that is not at
 * a full hour would get the last one alone.
 */
const periodSeconds = 60;
const hourMs = 3_600_000;

/**
 * Counts the events that came into an environment's log groups in the hours before a tick, by
 * CloudWatch Logs' own metric `IncomingLogEvents`, which costs no scan.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 *
 * A group without any value had no event: the metric is not published then.
 */
export async function countIncomingEvents(
  shell: CallShell & { readonly cloudWatch: CloudWatchClient },
  mwaaEnvironment: string,
  { tickEpochMs, hours }: { readonly tickEpochMs: number; readonly hours: number },
  deadline: Deadline,
): Promise<EventCounts> {
  const logGroups = logTypes.map((logType) => logGroupName(mwaaEnvironment, logType));
  const counts: Record<string, number> = Object.fromEntries(logGroups.map((name) => [name, 0]));
  let nextToken: string | undefined;
  try {
    do {
      const command = new GetMetricDataCommand({
        StartTime: new Date(tickEpochMs - hours * hourMs),
        EndTime: new Date(tickEpochMs),
        NextToken: nextToken,
        MetricDataQueries: logGroups.map((logGroup, at) => ({
          Id: `g${at}`,
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Logs',
              MetricName: 'IncomingLogEvents',
              Dimensions: [{ Name: 'LogGroupName', Value: logGroup }],
            },
            Period: periodSeconds,
            Stat: 'Sum',
          },
        })),
      });
      const page = await callAws(
        'GetMetricData',
        (options) => shell.cloudWatch.send(command, options),
        shell,
        deadline,
        lostAnswersMax,
      );
      for (const { Id = '', Values = [], StatusCode } of page.MetricDataResults ?? []) {
        // `PartialData` is a result that goes on with the next page.
        if (StatusCode === 'InternalError' || StatusCode === 'Forbidden') {
          throw new Error(`a result has the status ${StatusCode}`);
        }
        const logGroup = logGroups[Number(Id.slice(1))];
        if (logGroup === undefined) continue;
        counts[logGroup] = (counts[logGroup] ?? 0) + Values.reduce((sum, value) => sum + value, 0);
      }
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    const reason = `GetMetricData failed: ${describeError(error)}`;
    shell.log('error', 'incoming-events-unknown', { reason });
    return { kind: 'unknown', reason, isPassing: isPassingFailure(error) };
  }
  return { kind: 'known', counts };
}
