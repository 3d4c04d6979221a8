import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { assessCoverage, type GroupCoverage } from './coverage.ts';
import { describeLogGroups } from './describe-log-groups.ts';
import { getEnvironmentLogging } from './get-environment.ts';
import { describeError } from './log.ts';
import { countMatches, publishableCounts } from './match-counts.ts';
import { metricData, type TickNumbers } from './metrics.ts';
import type { MwaaAccess } from './mwaa-request.ts';
import { putMetrics } from './put-metrics.ts';
import type { QueryShell } from './query.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import { type Scan, scanGroups } from './scan-groups.ts';
import type { ScanPlan } from './scan-plan.ts';
import { TickFailedError, type TickReport, tickReport, windowTimes } from './tick-report.ts';
import { type Deadline, deadlineIn } from './time.ts';
import { windowOfTick } from './windows.ts';

/** Everything that a tick's work needs from outside. */
export interface TickShell extends QueryShell {
  readonly cloudWatch: CloudWatchClient;
  readonly mwaa: MwaaAccess;
  readonly config: RuntimeConfig;
  readonly plan: ScanPlan;
}

/** Coverage must not use up the time of the scan, which is worth more. */
const coverageMaxMs = 10_000;

/**
 * Does the work of one tick: judges coverage, scans the window, publishes the metrics.
 *
 * @param scanDeadline when the scan has to give up, so that there is time to publish
 * @param deadline when everything has to be over
 * @throws TickFailedError after publishing, when a group that should be scanned was not, a result
 *   made no sense, or the metrics could not be put; a group that is missing or denied is blind,
 *   which is published and no failure
 */
export async function scanTick(
  shell: TickShell,
  tickEpochMs: number,
  scanDeadline: Deadline,
  deadline: Deadline,
): Promise<TickReport> {
  const { mwaaEnvironment } = shell.config;
  const window = windowOfTick(tickEpochMs, shell.config);
  shell.log('info', 'tick-started', { window: windowTimes(window) });
  const { everyMinutes } = shell.config;
  if (tickEpochMs % (everyMinutes * 60_000) !== 0) {
    // Its window overlaps with those of its neighbours; only a hand-made event can do that.
    shell.log('warn', 'tick-off-schedule', { everyMinutes });
  }

  const found = await readCoverage(shell, scanDeadline);
  const logGroups = found.filter(({ scan }) => scan).map(({ logGroup }) => logGroup);
  const scan = await scanGroups(
    shell,
    { queryString: shell.plan.documentedQuery, logGroups, window },
    scanDeadline,
  );
  const counted = countScan(scan);
  const coverage = found.map((group) => afterScan(group, scan));
  logCoverage(shell, coverage);

  const failures = [...scanFailures(scan), ...counted.failures];
  const numbers: TickNumbers = {
    mwaaEnvironment,
    tickEpochMs,
    coverage,
    matches: publishableCounts(counted.counts, coverage),
    // Where nothing could be scanned there is nothing to call complete.
    scanCompleted: failures.length === 0 && counted.counts.size > 0,
    bytesScanned: scan.bytesScanned,
  };
  try {
    await putMetrics(shell, metricData(numbers), deadline);
  } catch (cause) {
    failures.push(new Error('PutMetricData failed', { cause }));
  }
  const report = tickReport(numbers, window);
  const { logGroups: groups, scanCompleted, bytesScanned } = report;
  if (failures.length > 0) {
    const errors = failures.map(describeError);
    shell.log('error', 'tick-failed', { scanCompleted, bytesScanned, errors });
    throw new TickFailedError(report, failures);
  }
  shell.log('info', 'tick-finished', { scanCompleted, bytesScanned, logGroups: groups });
  return report;
}

async function readCoverage(shell: TickShell, scanDeadline: Deadline): Promise<GroupCoverage[]> {
  const { mwaaEnvironment } = shell.config;
  const deadline = deadlineIn(shell.timer, Math.min(coverageMaxMs, scanDeadline.remainingMs()));
  const [logging, existing] = await Promise.all([
    getEnvironmentLogging(shell, mwaaEnvironment, deadline),
    describeLogGroups(shell, mwaaEnvironment, deadline),
  ]);
  return assessCoverage(mwaaEnvironment, logging, existing);
}

/** A group that turned out to be unreadable, or was not read, is blind in this tick. */
function afterScan(group: GroupCoverage, scan: Scan): GroupCoverage {
  const outcome = scan.outcomes.get(group.logGroup);
  if (outcome === undefined || outcome.kind === 'scanned') {
    return group;
  }
  const cause = outcome.kind === 'blind' ? outcome.cause : 'scan-failed';
  return { ...group, blind: { cause, detail: describeError(outcome.error) } };
}

function scanFailures(scan: Scan): Error[] {
  const errors = [...scan.outcomes.values()].flatMap((outcome) =>
    outcome.kind === 'failed' ? [outcome.error] : [],
  );
  return [...new Set(errors)];
}

function countScan(scan: Scan): { counts: ReadonlyMap<string, number>; failures: Error[] } {
  const scanned = [...scan.outcomes].flatMap(([logGroup, { kind }]) =>
    kind === 'scanned' ? [logGroup] : [],
  );
  try {
    return { counts: countMatches(scan.rows, scanned), failures: [] };
  } catch (cause) {
    return { counts: new Map(), failures: [new Error('the result makes no sense', { cause })] };
  }
}

function logCoverage(shell: TickShell, coverage: readonly GroupCoverage[]): void {
  for (const { logGroup, blind, scan } of coverage) {
    if (blind === undefined) {
      shell.log('info', 'log-group-covered', { logGroup });
    } else {
      shell.log('warn', 'log-group-blind', { logGroup, ...blind, scanned: scan });
    }
  }
}
