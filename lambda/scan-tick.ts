import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expiredApprovals } from './approvals.ts';
import { createFindingMaker } from './findings/make-findings.ts';
import { describeError } from './log.ts';
import { countMatches, publishableCounts } from './match-counts.ts';
import { metricData, type TickNumbers } from './metrics.ts';
import type { MwaaAccess } from './mwaa-request.ts';
import type { PublishShell } from './publish-findings.ts';
import { putMetrics } from './put-metrics.ts';
import type { QueryShell } from './query.ts';
import type { RecordShell } from './record-pack.ts';
import { type Scan, scanGroups } from './scan-groups.ts';
import { scanPack } from './scan-pack.ts';
import type { ScanPlan } from './scan-plan.ts';
import { worstOutcomes } from './scan-uncut.ts';
import { afterScan, logCoverage, readCoverage, scanFailures } from './tick-coverage.ts';
import { findingsOfTick, publishPending, slicesOfTick } from './tick-findings.ts';
import { TickFailedError, type TickReport, tickReport, windowTimes } from './tick-report.ts';
import type { Deadline } from './time.ts';
import { windowOfTick } from './windows.ts';

/** Everything that a tick's work needs from outside. */
export interface TickShell extends QueryShell, RecordShell, PublishShell {
  readonly cloudWatch: CloudWatchClient;
  readonly mwaa: MwaaAccess;
  readonly plan: ScanPlan;
}

/**
 * Does the work of one tick: judges coverage, scans the window, keeps the findings, publishes them
 * and the metrics.
 *
 * @param scanDeadline when the scan has to give up, so that there is time to publish
 * @param deadline when everything has to be over
 * @throws TickFailedError after publishing, when a group that should be scanned was not, a result
 *   made no sense, or findings or metrics could not be kept or published; a group that is missing or
 *   denied is blind, which is published and no failure
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

  const expired = expiredApprovals(shell.plan.approvedChanges, window.endEpochMs);
  if (expired.length > 0) {
    // The stack may not be synthesized for long, which is when else they are told.
    const approvals = expired.map(({ dag, expires, owner }) => ({ dag, expires, owner }));
    shell.log('warn', 'approvals-expired', { approvals });
  }

  const { groups: found, airflow } = await readCoverage(shell, scanDeadline);
  const logGroups = found.filter(({ scan }) => scan).map(({ logGroup }) => logGroup);
  const failures: Error[] = [];
  const failed = (what: string) => (cause: unknown) => {
    failures.push(new Error(what, { cause }));
    return undefined;
  };
  // Whatever becomes of the findings, the documented query is asked and counted.
  const slices = await slicesOfTick(shell, window, logGroups).catch(
    failed('how far the pack has read cannot be known'),
  );
  const [scan, pack] = await Promise.all([
    scanGroups(shell, { queryString: shell.plan.documentedQuery, logGroups, window }, scanDeadline),
    scanPack(shell, shell.plan, slices ?? [], scanDeadline),
  ]);
  const counted = countScan(scan);
  const outcomes = worstOutcomes([scan, pack]);
  const coverage = afterScan(found, outcomes);
  logCoverage(shell, coverage);
  failures.push(...scanFailures(outcomes), ...counted.failures, ...pack.failures);
  // Where nothing could be scanned there is nothing to call complete.
  const scanCompleted = failures.length === 0 && counted.counts.size > 0;

  const { plan, mwaa } = shell;
  const findingMaker = createFindingMaker({
    config: { mwaaEnvironment, approvedChanges: plan.approvedChanges },
    plan,
    region: mwaa.region,
    ...(airflow && { airflow }),
  });
  const changes = await findingsOfTick(shell, tickEpochMs, { logGroups, pack }, findingMaker).catch(
    failed('the findings cannot be kept'),
  );
  const numbers: TickNumbers = {
    mwaaEnvironment,
    tickEpochMs,
    coverage,
    // A zero is as good as the scan that found nothing, however the other scan went.
    matches: publishableCounts(counted.counts, afterScan(found, scan.outcomes)),
    privilegeChanges: publishableCounts(changes?.privilegeChanges ?? new Map(), coverage),
    suppressedChanges: changes?.suppressedChanges,
    scanCompleted,
    bytesScanned: scan.bytesScanned + pack.bytesScanned,
  };
  const [published] = await Promise.all([
    publishPending(shell, findingMaker, deadline),
    putMetrics(shell, metricData(numbers), deadline).catch(failed('PutMetricData failed')),
  ]);
  failures.push(...published.failures);

  const report = tickReport(numbers, window, published);
  const { logGroups: groups, bytesScanned, notified, undelivered } = report;
  const about = { scanCompleted, bytesScanned, notified, undelivered, logGroups: groups };
  if (failures.length > 0) {
    shell.log('error', 'tick-failed', { ...about, errors: failures.map(describeError) });
    throw new TickFailedError(report, failures);
  }
  shell.log('info', 'tick-finished', about);
  return report;
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
