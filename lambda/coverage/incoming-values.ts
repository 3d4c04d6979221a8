import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import type { Deadline } from '../common/time.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';

export interface IncomingShell extends CallShell {
  readonly cloudWatch: CloudWatchClient;
}

/** A span of time; its end is not included. */
export interface IncomingSpan {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** 60, or a multiple of it. */
  readonly periodSeconds: number;
}

/** Some periods of a log group, and how many events came in during each. */
export interface IncomingValues {
  readonly logGroup: string;
  /** The starts of the periods. */
  readonly times: readonly Date[];
  readonly values: readonly number[];
}

const lostAnswersMax = 3;

/**
 * How many events came into an environment's log groups, by CloudWatch Logs' own metric
 * `IncomingLogEvents`, which costs no scan.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 *
 * A period without a value had no event: CloudWatch Logs publishes no value then.
 *
 * @returns the values of all pages; a group may come in several parts, or not at all
 * @throws the call's own error, DeadlineError, or one that names the status of a failed result
 */
export async function incomingValues(
  shell: IncomingShell,
  mwaaEnvironment: string,
  { startEpochMs, endEpochMs, periodSeconds }: IncomingSpan,
  deadline: Deadline,
): Promise<IncomingValues[]> {
  const logGroups = logTypes.map((logType) => logGroupName(mwaaEnvironment, logType));
  const found: IncomingValues[] = [];
  let nextToken: string | undefined;
  do {
    const command = new GetMetricDataCommand({
      StartTime: new Date(startEpochMs),
      EndTime: new Date(endEpochMs),
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
    for (const result of page.MetricDataResults ?? []) {
      const { Id = '', Timestamps: times = [], Values: values = [], StatusCode } = result;
      // `PartialData` is a result that continues on the next page.
      if (StatusCode === 'InternalError' || StatusCode === 'Forbidden') {
        throw new Error(`a result has the status ${StatusCode}`);
      }
      const logGroup = logGroups[Number(Id.slice(1))];
      if (logGroup !== undefined) found.push({ logGroup, times, values });
    }
    nextToken = page.NextToken;
  } while (nextToken !== undefined);
  return found;
}
