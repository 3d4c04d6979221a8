import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../../lambda/time.ts';
import type { Detection } from '../../queries/detection-schema.ts';
import { countOf } from '../count-of.ts';
import { UserError } from '../user-error.ts';
import type { SelftestShell } from './call-logs.ts';
import { makeReport } from './make-report.ts';
import { MonitorReader } from './monitor-reader.ts';
import { QueryMeter } from './query-meter.ts';
import type { SelftestReport } from './report.ts';
import { runSelftest } from './run-selftest.ts';
import type { ScratchGroups } from './scratch-groups.ts';
import { failureClause } from './selftest-failure.ts';

export interface SelftestOptions {
  readonly region: string;
  /** @default - that of the environment */
  readonly profile?: string | undefined;
  readonly scratch: ScratchGroups;
  readonly detections: readonly Detection[];
  /** Leave the log groups. */
  readonly keep: boolean;
  readonly clock: Clock;
  /** Waits while the groups are deleted, which an interruption does not end. */
  readonly deletingTimer: Timer;
  /** Told what begins. */
  readonly onStage: (stage: string) => void;
}

/** What came of a run, and of its log groups. */
export interface SelftestEnd {
  /** Undefined when it could not be run. */
  readonly report?: SelftestReport;
  /** What could not be done, and what became of the log groups. */
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
 * @throws an error of this program itself, after the groups are deleted
 */
export async function selftest(
  shell: SelftestShell,
  options: SelftestOptions,
): Promise<SelftestEnd> {
  const { region, scratch, keep } = options;
  let report: SelftestReport | undefined;
  let error: unknown;
  let clause: string | undefined;
  try {
    report = await reportOf(shell, options);
  } catch (caught) {
    error = caught;
    clause = failureClause(caught, region);
  }
  const left = keep ? kept(scratch.remaining) : await deleteGroups(shell, options);
  const isOurs = error !== undefined && clause === undefined;
  if (isOurs && !left.isFailure) throw error;
  if (clause === undefined && !left.isFailure) return { ...(report !== undefined && { report }) };

  const clauses = [isOurs ? String(error) : clause, left.clause].filter((it) => it !== undefined);
  const detail = left.commands === undefined ? {} : { detail: left.commands };
  const failure = new UserError(clauses.join('; '), { ...detail, cause: error });
  return { ...(report !== undefined && { report }), failure };
}

async function reportOf(shell: SelftestShell, options: SelftestOptions): Promise<SelftestReport> {
  const { region, scratch, detections, keep, clock, onStage } = options;
  const observedAt = new Date(clock.nowEpochMs()).toISOString();
  const startedMs = shell.timer.monotonicMs();
  const meter = new QueryMeter(shell.log);
  const others = await scratch.findOthers();
  if (others.length > 0) {
    onStage(`log groups of other runs are there and stay as they are: ${others.join(', ')}`);
  }
  const metered = { ...shell, log: meter.log };
  const reader = new MonitorReader(metered, detections, scratch);
  const observation = await runSelftest(metered, { scratch, detections, reader, onStage });
  return makeReport(observation, {
    ...{ region, observedAt, kept: keep, logGroups: scratch.names },
    durationSeconds: Math.round((shell.timer.monotonicMs() - startedMs) / 100) / 10,
    ...{ queries: meter.queries, bytesScanned: meter.bytesScanned },
  });
}

/** What became of the log groups that a run has made. */
interface Left {
  readonly clause: string;
  /** They should be gone, and are not. */
  readonly isFailure: boolean;
  /** That delete them. */
  readonly commands?: string;
}

function kept(names: readonly string[]): Left {
  const clause = names.length === 0 ? 'nothing was made' : `${names.join(', ')} stay (--keep)`;
  return { clause, isFailure: false };
}

async function deleteGroups(
  shell: SelftestShell,
  { region, profile, scratch, deletingTimer, onStage }: SelftestOptions,
): Promise<Left> {
  const made = scratch.remaining;
  if (made.length === 0) return { clause: 'nothing was made', isFailure: false };
  onStage(`deleting ${countOf(made.length, 'log group')}`);
  const failures = await scratch.deleteAll({
    ...{ ...shell, timer: deletingTimer },
    interrupted: new AbortController().signal,
  });
  const [first] = failures.values();
  if (first === undefined) {
    const clause = `nothing is left behind, ${countOf(made.length, 'log group')} deleted`;
    return { clause, isFailure: false };
  }
  return {
    clause: `${countOf(failures.size, 'log group')} could not be deleted: ${failureClause(first, region)}`,
    isFailure: true,
    commands: deleteCommands([...failures.keys()], { region, profile }),
  };
}

/** For a person, when this program cannot delete them. */
export function deleteCommands(
  names: readonly string[],
  { region, profile }: Pick<SelftestOptions, 'region' | 'profile'>,
): string {
  const as = profile === undefined ? '' : ` --profile ${profile}`;
  return names
    .map((name) => `  aws logs delete-log-group --region ${region}${as} --log-group-name ${name}`)
    .join('\n');
}
