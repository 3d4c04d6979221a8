import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type CallShell, callAws, isPassingFailure } from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import { type Deadline, hourMs } from '../common/time.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { historyHours, type IncomingHistory } from './group-silence.ts';

interface IncomingShell extends CallShell {
  readonly cloudWatch: CloudWatchClient;
}

/** A span of time; its end is not included. */
interface IncomingSpan {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** 60, or a multiple of it. */
  readonly periodSeconds: number;
}

/** Some periods of a log group, and how many events came in during each. */
interface IncomingValues {
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
async function incomingValues(
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

/** How many events came into each log group, or why that is not known. */
type EventCounts =
  | { readonly kind: 'known'; readonly counts: Readonly<Record<string, number>> }
  | { readonly kind: 'unknown'; readonly reason: string; readonly isPassing: boolean };

/**
 * By the minute: a longer period is aligned to the clock's hour, of which a tick that is not at a
 * full hour would get only the last part.
 */
const periodSeconds = 60;

/**
 * Counts the events that came into an environment's log groups in the hours before a tick.
 *
 * A group without any value had no event: CloudWatch Logs publishes no value then.
 */
export async function countIncomingEvents(
  shell: IncomingShell,
  mwaaEnvironment: string,
  { tickEpochMs, hours }: { readonly tickEpochMs: number; readonly hours: number },
  deadline: Deadline,
): Promise<EventCounts> {
  const counts = Object.fromEntries(namesOf(mwaaEnvironment).map((name) => [name, 0]));
  const span = { startEpochMs: tickEpochMs - hours * hourMs, endEpochMs: tickEpochMs };
  try {
    const found = await incomingValues(
      shell,
      mwaaEnvironment,
      { ...span, periodSeconds },
      deadline,
    );
    for (const { logGroup, values } of found) {
      counts[logGroup] = (counts[logGroup] ?? 0) + values.reduce((sum, value) => sum + value, 0);
    }
  } catch (error) {
    const reason = `GetMetricData failed: ${describeError(error)}`;
    shell.log('error', 'incoming-events-unknown', { reason });
    return { kind: 'unknown', reason, isPassing: isPassingFailure(error) };
  }
  return { kind: 'known', counts };
}

/**
 * In which hours of the last eight days events came into the log groups.
 *
 * @param untilEpochMs a full hour
 * @returns undefined when the call failed, which is logged: a failed call is not a silence
 */
export async function incomingHistory(
  shell: IncomingShell,
  mwaaEnvironment: string,
  untilEpochMs: number,
  deadline: Deadline,
): Promise<IncomingHistory | undefined> {
  const wroteEpochMs = new Map(namesOf(mwaaEnvironment).map((name) => [name, new Set<number>()]));
  const startEpochMs = untilEpochMs - historyHours * hourMs;
  const span = { startEpochMs, endEpochMs: untilEpochMs, periodSeconds: hourMs / 1000 };
  try {
    for (const found of await incomingValues(shell, mwaaEnvironment, span, deadline)) {
      const { logGroup, times, values } = found;
      if (times.length !== values.length) {
        throw new Error(`${logGroup} has ${values.length} values for ${times.length} hours`);
      }
      const hours = times.filter((_, at) => (values[at] ?? 0) > 0);
      for (const hour of hours) wroteEpochMs.get(logGroup)?.add(hour.getTime());
    }
  } catch (error) {
    shell.log('error', 'incoming-history-unknown', { error: describeError(error) });
    return undefined;
  }
  return { untilEpochMs, wroteEpochMs };
}

function namesOf(mwaaEnvironment: string): string[] {
  return logTypes.map((logType) => logGroupName(mwaaEnvironment, logType));
}
