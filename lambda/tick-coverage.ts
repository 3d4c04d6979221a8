import { assessCoverage, type GroupCoverage } from './coverage.ts';
import { describeLogGroups } from './describe-log-groups.ts';
import type { AirflowWeb } from './findings/links.ts';
import { getEnvironmentLogging } from './get-environment.ts';
import { describeError } from './log.ts';
import type { MwaaAccess } from './mwaa-request.ts';
import type { QueryShell } from './query.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import type { GroupOutcome } from './scan-groups.ts';
import { type Deadline, deadlineIn } from './time.ts';

/** Coverage must not use up the time of the scan, which is worth more. */
const coverageMaxMs = 10_000;

/** Asks MWAA and CloudWatch Logs which log groups can be trusted, and where Airflow's pages are. */
export async function readCoverage(
  shell: QueryShell & { readonly mwaa: MwaaAccess; readonly config: RuntimeConfig },
  scanDeadline: Deadline,
): Promise<{ groups: GroupCoverage[]; airflow: AirflowWeb | undefined }> {
  const { mwaaEnvironment } = shell.config;
  const deadline = deadlineIn(shell.timer, Math.min(coverageMaxMs, scanDeadline.remainingMs()));
  const [logging, existing] = await Promise.all([
    getEnvironmentLogging(shell, mwaaEnvironment, deadline),
    describeLogGroups(shell, mwaaEnvironment, deadline),
  ]);
  return {
    groups: assessCoverage(mwaaEnvironment, logging, existing),
    airflow: logging.kind === 'found' ? logging.airflow : undefined,
  };
}

/** A group that turned out to be unreadable, or was not read, is blind in this tick. */
export function afterScan(
  coverage: readonly GroupCoverage[],
  outcomes: ReadonlyMap<string, GroupOutcome>,
): GroupCoverage[] {
  return coverage.map((group) => {
    const outcome = outcomes.get(group.logGroup);
    if (outcome === undefined || outcome.kind === 'scanned') {
      return group;
    }
    const cause = outcome.kind === 'blind' ? outcome.cause : 'scan-failed';
    return { ...group, blind: { cause, detail: describeError(outcome.error) } };
  });
}

/** The errors of groups that should have been scanned and were not, each once. */
export function scanFailures(outcomes: ReadonlyMap<string, GroupOutcome>): Error[] {
  const errors = [...outcomes.values()].flatMap((outcome) =>
    outcome.kind === 'failed' ? [outcome.error] : [],
  );
  return [...new Set(errors)];
}

export function logCoverage(shell: QueryShell, coverage: readonly GroupCoverage[]): void {
  for (const { logGroup, blind, scan } of coverage) {
    if (blind === undefined) {
      shell.log('info', 'log-group-covered', { logGroup });
    } else {
      shell.log('warn', 'log-group-blind', { logGroup, ...blind, scanned: scan });
    }
  }
}
