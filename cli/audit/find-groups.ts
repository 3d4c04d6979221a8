import { z } from 'zod';
import { loggingMembers } from '../../doctor/facts/log-groups.ts';
import type { Ask } from '../../doctor/observe/ask.ts';
import { describeLogGroups } from '../../doctor/observe/cloudwatch-logs.ts';
import { getEnvironment } from '../../doctor/observe/mwaa.ts';
import { isNotFound, refuseUnheard, refuseUnusable } from '../../doctor/observe/refuse-unusable.ts';
import type { MwaaEnvironment } from '../../doctor/shapes/mwaa.ts';
import type { Part } from '../../doctor/shapes/part.ts';
import { assessCoverage } from '../../lambda/coverage/assess-coverage.ts';
import type { EnvironmentLogging, GroupCoverage } from '../../lambda/model/coverage.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { UserError } from '../shared/user-error.ts';
import type { AuditClients } from './audit-clients.ts';
import type { GroupFacts } from './group-spans.ts';

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
 * @throws ObserveError, UserError when there is nothing to read: no such environment, wrong Region,
 *   rejected credentials, no permission to describe log groups
 */
export async function findGroups(
  ask: Ask,
  clients: AuditClients,
  mwaaEnvironment: string,
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
    await refuseUnusable(ask, clients, mwaaEnvironment, environment);
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
