import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { isRefused, loggingMembers } from '../../doctor/facts/log-groups.ts';
import type { Ask } from '../../doctor/observe/ask.ts';
import type { AwsAccess } from '../../doctor/observe/aws-access.ts';
import { describeLogGroups } from '../../doctor/observe/observe-resources.ts';
import {
  getEnvironment,
  isNotFound,
  refuseUnheard,
  refuseUnusable,
} from '../../doctor/observe/read-mwaa.ts';
import { getMetricData } from '../../doctor/observe/read-services.ts';
import type { Part } from '../../doctor/shapes/log-shapes.ts';
import type { MwaaEnvironment } from '../../doctor/shapes/service-shapes.ts';
import { limitResponses } from '../../lambda/aws/call-aws.ts';
import type { MwaaAccess } from '../../lambda/aws/mwaa-request.ts';
import { dayMs, minuteMs, secondMs } from '../../lambda/common/time.ts';
import { assessCoverage } from '../../lambda/coverage/assess-coverage.ts';
import type { EnvironmentLogging, GroupCoverage } from '../../lambda/model/coverage.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { UserError } from '../common/output.ts';
import type { MeteredBytes } from './estimate.ts';
import { type GroupFacts, lengthMs } from './spans.ts';

/** The clients of the services that an audit calls. */
export interface AuditClients {
  readonly region: string;
  readonly mwaa: MwaaAccess;
  /** For log groups: the SDK retries throttled calls. */
  readonly logs: CloudWatchLogsClient;
  readonly cloudWatch: CloudWatchClient;
  /** For queries: no SDK retries, since the function's own code retries, as in AWS. */
  readonly queries: CloudWatchLogsClient;
}

const attemptsMax = 6;

export function createAuditClients({ region, credentials, mwaa }: AwsAccess): AuditClients {
  const requestHandler = {
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
  } as const;
  const patient = { region, credentials, maxAttempts: attemptsMax, requestHandler };
  const queries = new CloudWatchLogsClient({ ...patient, maxAttempts: 1 });
  limitResponses(queries);
  return {
    region,
    mwaa,
    logs: new CloudWatchLogsClient(patient),
    cloudWatch: new CloudWatchClient(patient),
    queries,
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
const logGroupShape = z.object({
  logGroupName: z.string(),
  arn: z.string(),
  creationTime: z.number().optional(),
  retentionInDays: z.number().optional(),
  storedBytes: z.number().optional(),
});

/** An environment's log groups and their settings. */
export interface FoundGroups {
  readonly account: string;
  /** The log groups that exist, by name. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  /** For each of the five, whether its current settings let it show privilege changes. */
  readonly coverage: readonly GroupCoverage[];
}

/**
 * Finds an environment's log groups and MWAA's logging settings.
 *
 * The log groups outlive their environment and can still be read after it is deleted.
 *
 * @param otherNames names that the user has for environments, and may have meant
 * @throws ObserveError, UserError when there is nothing to read: no such environment, wrong Region,
 *   rejected credentials, no permission to describe log groups
 */
export async function findGroups(
  ask: Ask,
  clients: AuditClients,
  mwaaEnvironment: string,
  otherNames: readonly string[] = [],
): Promise<FoundGroups> {
  const environment = await getEnvironment(ask, clients, mwaaEnvironment);
  refuseUnheard(clients, environment);
  const described = await describeLogGroups(ask, clients, mwaaEnvironment, logGroupShape);
  if (described.kind === 'denied') {
    throw new UserError(
      `these credentials may not call ${described.action}, which an audit requires (docs/audit-policy.json): ${described.error}`,
    );
  }
  if (described.kind === 'failed') {
    throw new UserError(
      `the log groups cannot be listed (${described.action}: ${described.error})`,
    );
  }
  const names = new Set(logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)));
  const own = described.value.filter(({ logGroupName: group }) => names.has(group));
  const [first] = own;
  if (first === undefined) {
    await refuseUnusable(ask, clients, mwaaEnvironment, environment, otherNames);
    throw new UserError(
      `none of the log groups airflow-${mwaaEnvironment}-… is in ${clients.region}: ${whyNone(environment)}`,
    );
  }
  const [, , , , account = ''] = first.arn.split(':');
  const groups = new Map(
    own.map(({ logGroupName: group, creationTime, retentionInDays, storedBytes }) => [
      group,
      { createdEpochMs: creationTime, retentionDays: retentionInDays, storedBytes },
    ]),
  );
  return { account, groups, coverage: coverageOf(mwaaEnvironment, environment, groups) };
}

function whyNone(environment: Part<MwaaEnvironment>): string {
  return environment.kind === 'known'
    ? 'the environment exists, but publishes no logs'
    : `check the name, or give another --region (${environment.action}: ${environment.error})`;
}

/** Assessed as by the monitor, except silence and retention, which concern only the present. */
function coverageOf(
  mwaaEnvironment: string,
  environment: Part<MwaaEnvironment>,
  groups: ReadonlyMap<string, GroupFacts>,
): GroupCoverage[] {
  return assessCoverage(
    mwaaEnvironment,
    {
      logging: loggingOf(environment),
      existing: { kind: 'known', logGroups: groups },
      incoming: { kind: 'known', silent: new Set(), sinceEpochMs: 0 },
    },
    0,
  );
}

function loggingOf(environment: Part<MwaaEnvironment>): EnvironmentLogging {
  if (environment.kind === 'known') {
    const { LoggingConfiguration: logging = {} } = environment.value;
    const settings = Object.fromEntries(
      logTypes.map((logType) => {
        const { Enabled, LogLevel } = logging[loggingMembers[logType]] ?? {};
        return [logType, { enabled: Enabled, logLevel: LogLevel }];
      }),
    );
    return { kind: 'found', settings };
  }
  if (isNotFound(environment)) return { kind: 'not-found' };
  const how = environment.kind === 'denied' ? 'was denied' : 'failed';
  return { kind: 'unknown', reason: `${environment.action} ${how} (${environment.error})` };
}

/**
 * The period of the metric to read. CloudWatch retains values by minute for 15 days, by five
 * minutes for 63 days, and by hour for 15 months; a long range needs no finer period.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
function periodMsOf(range: Window, nowEpochMs: number): number {
  const ageMs = nowEpochMs - range.startEpochMs;
  if (ageMs < 14 * dayMs && lengthMs(range) <= dayMs) return minuteMs;
  if (ageMs < 62 * dayMs && lengthMs(range) <= 7 * dayMs) return 5 * minuteMs;
  return 60 * minuteMs;
}

/** The received bytes by log group, or why they are not known. */
type IncomingBytes =
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
