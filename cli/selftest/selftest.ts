import { createHash, randomBytes } from 'node:crypto';
import type { Log } from '../../lambda/common/log.ts';
import type { Clock, Timer } from '../../lambda/common/time.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { countOf, UserError } from '../common/output.ts';
import { failureClause, type SelftestShell } from './call-logs.ts';
import { areRead, countRows, endTimeTimestamps, judge, scannedOf } from './judge.ts';
import { judgeVerdicts, observedCells } from './judge-cells.ts';
import { MonitorReader } from './monitor-reader.ts';
import { type Observation, type ObservedText, observedEndTime } from './observation.ts';
import { ingestedBytes } from './planted-events.ts';
import { type SelftestReport, withoutAccount } from './report.ts';
import { runSelftest } from './run-selftest.ts';
import type { ScratchGroups } from './scratch-groups.ts';

/** Facts about a run that are not part of the observation. */
interface RunFacts {
  readonly region: string;
  readonly observedAt: string;
  readonly durationSeconds: number;
  readonly logGroups: readonly string[];
  readonly kept: boolean;
  readonly bytesScanned: number;
  readonly queries: number;
}

/** The report of a run; the account is removed from AWS's messages. */
export function makeReport(observation: Observation, facts: RunFacts): SelftestReport {
  const { planting, packSlices, pack, documented, answer, empty, endTime } = observation;
  const { refused, isPackRefused } = observation;
  const { slice, events } = planting;
  const verdicts = judgeVerdicts(
    planting,
    packSlices
      .filter(({ window }) => window.startEpochMs === slice.startEpochMs)
      .flatMap((read) => read.events),
    new Set(
      !areRead(packSlices)
        ? events.flatMap(({ line }) => line?.detection ?? [])
        : refused.map(({ id }) => id),
    ),
  );
  const checks = judge(observation, verdicts, facts.logGroups).map((check) => ({
    ...check,
    detail: withoutAccount(check.detail),
  }));
  const [withEvents, withoutEvents] = [scannedOf(answer), scannedOf(empty)];
  return {
    ...{ schema: 1, version: packageJson.version, ...facts },
    logGroups: [...facts.logGroups],
    result: checks.some(({ result }) => result === 'differs') ? 'differs' : 'ok',
    planted: {
      events: events.length,
      bytes: events.reduce((sum, event) => sum + ingestedBytes(event), 0),
      visibleAfterSeconds: observation.visibleAfterSeconds,
    },
    slice: { seconds: (slice.endEpochMs - slice.startEpochMs) / 1000 },
    texts: [documented, pack].map(textReport),
    isPackRefused,
    refusedDetections: refused.map(({ id, message, excerpt }, at) => ({
      ...{ id, message: withoutAccount(message) },
      // If AWS refuses all, the excerpt is from the first one's query.
      ...(excerpt !== undefined && (at === 0 || !isPackRefused) && { excerpt }),
    })),
    verdicts,
    endTime: {
      reading: observedEndTime(endTime, endTimeTimestamps(events)),
      queries: endTime.map((answer) => ({
        ...{ name: answer.name, outcome: answer.kind },
        ...(answer.kind === 'answered'
          ? { offsetsMs: answer.timestamps.map((time) => time - slice.startEpochMs) }
          : { message: withoutAccount(answer.message), offsetsMs: [] }),
      })),
    },
    documentedCounts: countRows(observation),
    cells: observedCells(answer.kind === 'answered' ? answer.rows : []),
    logGroupsScanned: {
      asked: facts.logGroups.length,
      ...(withEvents !== undefined && { withEvents }),
      ...(withoutEvents !== undefined && { empty: withoutEvents }),
    },
    checks,
  };
}

function textReport({ name, queryString, answer }: ObservedText): SelftestReport['texts'][number] {
  return {
    ...{ name, characters: queryString.length },
    sha256: createHash('sha256').update(queryString).digest('hex'),
    ...(answer.kind === 'answered'
      ? { outcome: 'accepted' }
      : { outcome: answer.kind, message: withoutAccount(answer.message) }),
  };
}

/** Sums up queries and scanned bytes from the log entries about each query. */
class QueryMeter {
  readonly #log: Log;
  queries = 0;
  bytesScanned = 0;

  /** @param log receives all log entries as well */
  constructor(log: Log) {
    this.#log = log;
  }

  readonly log: Log = (level, decision, fields) => {
    if (decision === 'query-started') this.queries += 1;
    if (decision === 'query-complete') this.bytesScanned += Number(fields?.bytesScanned ?? 0);
    this.#log(level, decision, fields);
  };
}

export interface SelftestOptions {
  readonly region: string;
  /** @default - from the environment variables */
  readonly profile?: string | undefined;
  readonly scratch: ScratchGroups;
  readonly detections: readonly Detection[];
  /** Do not delete the log groups. */
  readonly keep: boolean;
  readonly clock: Clock;
  /** The timer for deleting the groups, which an interruption does not end. */
  readonly deletingTimer: Timer;
  /** Called at the start of each stage, with its description. */
  readonly onStage: (stage: string) => void;
}

/** The outcome of a run and of its log groups. */
interface SelftestEnd {
  /** undefined when the run could not be completed. */
  readonly report?: SelftestReport;
  /** What failed, and the state of the log groups. */
  readonly failure?: UserError;
}

/** A random id of lower-case hexadecimal digits, which log group names allow. */
export function newRunId(): string {
  return randomBytes(6).toString('hex');
}

/**
 * Runs the self-test and deletes its log groups, even after an error.
 *
 * @param shell its `interrupted` ends the run, but not the deletion
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
    onStage(`log groups of other runs exist and are left unchanged: ${others.join(', ')}`);
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

/** The state of the log groups that a run created. */
interface Left {
  readonly clause: string;
  /** Whether some groups could not be deleted. */
  readonly isFailure: boolean;
  /** The commands that delete the remaining groups. */
  readonly commands?: string;
}

function kept(names: readonly string[]): Left {
  const clause = names.length === 0 ? 'nothing was created' : `${names.join(', ')} remain (--keep)`;
  return { clause, isFailure: false };
}

async function deleteGroups(
  shell: SelftestShell,
  { region, profile, scratch, deletingTimer, onStage }: SelftestOptions,
): Promise<Left> {
  const made = scratch.remaining;
  if (made.length === 0) return { clause: 'nothing was created', isFailure: false };
  onStage(`deleting ${countOf(made.length, 'log group')}`);
  const failures = await scratch.deleteAll({
    ...{ ...shell, timer: deletingTimer },
    interrupted: new AbortController().signal,
  });
  const [first] = failures.values();
  if (first === undefined) {
    const clause = `nothing remains, ${countOf(made.length, 'log group')} deleted`;
    return { clause, isFailure: false };
  }
  return {
    clause: `${countOf(failures.size, 'log group')} could not be deleted: ${failureClause(first, region)}`,
    isFailure: true,
    commands: deleteCommands([...failures.keys()], { region, profile }),
  };
}

/** AWS CLI commands to delete log groups that this program cannot delete. */
export function deleteCommands(
  names: readonly string[],
  { region, profile }: Pick<SelftestOptions, 'region' | 'profile'>,
): string {
  const as = profile === undefined ? '' : ` --profile ${profile}`;
  return names
    .map((name) => `  aws logs delete-log-group --region ${region}${as} --log-group-name ${name}`)
    .join('\n');
}
