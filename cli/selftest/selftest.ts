import { randomBytes } from 'node:crypto';
import type { Log } from '../../lambda/log.ts';
import type { Clock } from '../../lambda/time.ts';
import type { Detection } from '../../queries/detection-schema.ts';
import { countOf } from '../count-of.ts';
import { UserError } from '../user-error.ts';
import type { SelftestShell } from './call-logs.ts';
import { makeReport } from './make-report.ts';
import { MonitorReader } from './monitor-reader.ts';
import type { SelftestReport } from './report.ts';
import { runSelftest } from './run-selftest.ts';
import type { ScratchGroups } from './scratch-groups.ts';
import { failureClause } from './selftest-failure.ts';

export interface SelftestOptions {
  readonly region: string;
  readonly scratch: ScratchGroups;
  readonly detections: readonly Detection[];
  /** Leave the log groups. */
  readonly keep: boolean;
  readonly clock: Clock;
  readonly onStage: (stage: string) => void;
}

/** What came of a run, and of its log groups. */
export interface SelftestEnd {
  /** Undefined when it could not be run. */
  readonly report?: SelftestReport;
  /** What could not be done, and what became of the log groups: exit code 2. */
  readonly failure?: UserError;
}

/** A name that nobody else has: letters and digits, as log groups may have them. */
export function newRunId(): string {
  return randomBytes(6).toString('hex');
}

/**
 * Runs the self-test and deletes its log groups, whatever came of it.
 *
 * @param shell its `interrupted` ends the run, but not the deleting
 * @throws whatever is an error of this program itself, after the groups are deleted
 */
export async function selftest(
  shell: SelftestShell,
  options: SelftestOptions,
): Promise<SelftestEnd> {
  const { region, scratch, detections, keep, clock, onStage } = options;
  const observedAt = new Date(clock.nowEpochMs()).toISOString();
  const startedMs = shell.timer.monotonicMs();
  const meter = new QueryMeter(shell.log);
  const metered = { ...shell, log: meter.log };
  let report: SelftestReport | undefined;
  let failed: { readonly error: unknown } | undefined;
  try {
    const others = await scratch.findOthers();
    if (others.length > 0) {
      onStage(`there are log groups of earlier runs, which stay as they are: ${others.join(', ')}`);
    }
    const reader = new MonitorReader(detections, scratch);
    const observation = await runSelftest(metered, { scratch, detections, reader, onStage });
    report = makeReport(observation, {
      ...{ region, observedAt, kept: keep, logGroups: scratch.names },
      durationSeconds: Math.round((shell.timer.monotonicMs() - startedMs) / 100) / 10,
      ...meter.totals,
    });
  } catch (error) {
    failed = { error };
  }
  const made = scratch.remaining;
  const left = keep ? kept(made) : await deleted(shell, scratch, onStage);
  const clause = failed && failureClause(failed.error, region);
  if (failed !== undefined && clause === undefined) {
    if (left.remains) throw new UserError(left.sentence, { detail: left.detail, cause: failed.error });
    throw failed.error;
  }
  if (clause === undefined && !left.isFailure) return { report };
  const sentence = clause === undefined ? left.sentence : `${clause}; ${left.sentence}`;
  const failure = new UserError(sentence, {
    ...(left.detail !== undefined && { detail: left.detail }),
    cause: failed?.error,
  });
  return { ...(report !== undefined && { report }), failure };
}
