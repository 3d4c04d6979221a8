import { logGroupName, logTypes } from '../../lambda/log-types.ts';
import type { RuntimeConfig } from '../../lambda/runtime-config.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { Random } from './random.ts';

export const environment = 'prod';
export const logGroups = logTypes.map((logType) => logGroupName(environment, logType));
export const minuteMs = 60_000;

/** Sweeps in the measure of the period, so that all of them run within few ticks. */
const periods = [
  { everyMinutes: 1, near: [2, 3], far: [6, 6] },
  { everyMinutes: 5, near: [10, 10], far: [30, 30] },
  { everyMinutes: 15, near: [30, 30], far: [60, 60] },
  { everyMinutes: 60, near: [60, 60], far: [240, 240] },
] as const;

export function drawConfig(random: Random): RuntimeConfig {
  const { everyMinutes, near, far } = random.pick(periods);
  return {
    mwaaEnvironment: environment,
    everyMinutes,
    settleMinutes: random.pick([0, 1, 2]),
    // A part of a period, or more than the longest outage.
    maxSliceMinutes: random.pick([Math.ceil(everyMinutes / 3), 600]),
    silentAfterHours: 1,
    initialLookbackHours: 0,
    nearSweep: { everyMinutes: near[0], lagMinutes: near[1] },
    farSweep: { everyMinutes: far[0], lagMinutes: far[1] },
    correlateSeconds: random.pick([10, 60, 180]),
    alertAt: 'medium',
    findingsTopicArn: 'arn:aws:sns:eu-west-1:123456789012:findings',
    ledgerTableName: 'ledger',
  };
}

export const documentedQuery =
  'fields @log, @timestamp, @message | filter @message like "add-role" | stats count() by @log';
export const packQuery = 'the pack';
/** So few that answers are cut off, and seconds overflow. */
export const packRowsMax = 12;

const granted = {
  id: 'cli-role-granted',
  title: 'Airflow CLI granted a role',
  severity: 'high',
  raise: [{ when: { role: ['Admin'] }, severity: 'critical' }],
  signal: 'outcome',
  verb: 'grant-role',
  parse: [
    {
      source: 'User "([^"]+)" added to role "([^"]+)"',
      flags: 'u',
      groups: { target: 1, role: 2 },
    },
  ],
  attack: ['T1098.003'],
  runbook: 'docs/runbooks/role-granted.md',
  anchors: ['added to role'],
} as const;

/** What is asked of the simulated Logs Insights, and how its rows are read. */
export const plan = {
  schema: 1,
  documentedQuery,
  packQueries: [
    {
      queryString: packQuery,
      flags: { d00: 'add-role', d01: 'cli-role-granted', d02: 'privilege-command-run' },
    },
  ],
  packRowsMax,
  detections: [
    granted,
    {
      id: 'privilege-command-run',
      title: 'A command that changes privileges was run',
      severity: 'medium',
      raise: [],
      signal: 'command',
      parse: [],
      attack: ['T1098.003'],
      runbook: 'docs/runbooks/privilege-command.md',
      anchors: ['airflow'],
    },
  ],
  approvedChanges: [],
} satisfies Record<keyof ScanPlan, unknown> as unknown as ScanPlan;

export function echoOf(user: string, role: string): string {
  return `Running command: ['bash', '-c', 'airflow users add-role -u ${user} -r ${role}']`;
}

export function outcomeOf(user: string, role: string): string {
  return `User "${user}" added to role "${role}"`;
}
