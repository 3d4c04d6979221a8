import { describeError } from '../common/log.ts';
import { type Deadline, deadlineIn, hourMs } from '../common/time.ts';
import { assessCoverage } from '../coverage/assess-coverage.ts';
import { isHistoryDue } from '../coverage/coverage-change.ts';
import {
  type AnswerToGoBy,
  describeLogGroups,
  environmentToGoBy,
  getEnvironmentLogging,
  keptAnswerMaxMinutes,
  logGroupsToGoBy,
  mayStandIn,
} from '../coverage/environment-facts.ts';
import {
  type GroupSilence,
  historyUntil,
  type IncomingHistory,
} from '../coverage/group-silence.ts';
import { countIncomingEvents, incomingHistory } from '../coverage/incoming-events.ts';
import type { MonitorState } from '../ledger/monitor-state.ts';
import type {
  AirflowWeb,
  ExistingLogGroups,
  GroupCoverage,
  IncomingEvents,
} from '../model/coverage.ts';
import type { TickShell } from '../record/tick-context.ts';
import type { GroupOutcome } from '../scan/scan-groups.ts';

/** What is known about the log groups before they are read. */
export interface TickCoverage {
  readonly groups: readonly GroupCoverage[];
  readonly existing: ExistingLogGroups;
  /** Queried once an hour; undefined when this tick has nothing new to judge by. */
  readonly history: IncomingHistory | undefined;
  /** Airflow's web interface and version; undefined when MWAA did not answer. */
  readonly airflow: AirflowWeb | undefined;
  /** Answers that the next tick may need. */
  readonly remembered: Pick<MonitorState, 'environment' | 'logGroups' | 'incoming'>;
}

/** Coverage must not use up the time of the scan, which matters more. */
const coverageMaxMs = 10_000;

/** Finds out from MWAA, CloudWatch Logs and (once an hour) its metrics which log groups can be trusted. */
export async function readCoverage(
  shell: TickShell,
  tickEpochMs: number,
  state: MonitorState,
  scanDeadline: Deadline,
): Promise<TickCoverage> {
  const { mwaaEnvironment, farSweep, logTypes } = shell.config;
  const deadline = deadlineIn(shell.timer, Math.min(coverageMaxMs, scanDeadline.remainingMs()));
  const untilEpochMs = historyUntil(tickEpochMs);
  const [ofMwaa, ofLogs, incoming, history] = await Promise.all([
    getEnvironmentLogging(shell, mwaaEnvironment, deadline),
    describeLogGroups(shell, mwaaEnvironment, deadline),
    incomingState(shell, tickEpochMs, state.incoming, deadline),
    isHistoryDue(state.silence, tickEpochMs)
      ? incomingHistory(shell, mwaaEnvironment, untilEpochMs, deadline)
      : undefined,
  ]);
  const environment = environmentToGoBy(ofMwaa, state.environment, tickEpochMs);
  const logGroups = logGroupsToGoBy(ofLogs, state.logGroups, tickEpochMs);
  warnOfKept(shell, 'environment-kept', environment);
  warnOfKept(shell, 'log-groups-kept', logGroups);
  const [logging, existing] = [environment.answer, logGroups.answer];
  const answers = { logging, existing, incoming: silenceOf(incoming, shell) };
  const sweepHours = (farSweep.everyMinutes + farSweep.lagMinutes) / 60;
  return {
    groups: assessCoverage(mwaaEnvironment, answers, sweepHours, logTypes),
    existing,
    history,
    airflow: logging.kind === 'found' ? logging.airflow : undefined,
    remembered: { environment: environment.kept, logGroups: logGroups.kept, incoming },
  };
}

function warnOfKept(
  { log }: Pick<TickShell, 'log'>,
  decision: 'environment-kept' | 'log-groups-kept',
  { kept, keptBecause }: AnswerToGoBy<unknown, { readonly answeredTickEpochMs: number }>,
): void {
  if (kept === undefined || keptBecause === undefined) return;
  const answeredTick = new Date(kept.answeredTickEpochMs).toISOString();
  log('warn', decision, { reason: keptBecause, answeredTick, keptAnswerMaxMinutes });
}

async function incomingState(
  shell: TickShell,
  tickEpochMs: number,
  before: MonitorState['incoming'],
  deadline: Deadline,
): Promise<NonNullable<MonitorState['incoming']>> {
  const isFresh =
    before?.counts !== undefined && Math.abs(tickEpochMs - before.countedTickEpochMs) < hourMs;
  if (isFresh) return before;
  const { mwaaEnvironment, silentAfterHours } = shell.config;
  const span = { tickEpochMs, hours: silentAfterHours };
  const counted = await countIncomingEvents(shell, mwaaEnvironment, span, deadline);
  if (counted.kind === 'known') return { countedTickEpochMs: tickEpochMs, counts: counted.counts };
  const { reason, isPassing } = counted;
  // Counts are taken once an hour, so an hour of age is normal.
  const isKept =
    isPassing &&
    before?.counts !== undefined &&
    mayStandIn(before.countedTickEpochMs, tickEpochMs - hourMs);
  if (!isKept) return { countedTickEpochMs: tickEpochMs, reason };
  const answeredTick = new Date(before.countedTickEpochMs).toISOString();
  shell.log('warn', 'incoming-events-kept', { reason, answeredTick, keptAnswerMaxMinutes });
  return before;
}

function silenceOf(
  { countedTickEpochMs, counts, reason = '' }: NonNullable<MonitorState['incoming']>,
  { config: { silentAfterHours }, log }: TickShell,
): IncomingEvents {
  if (counts === undefined) return { kind: 'unknown', reason };
  const silent = Object.keys(counts).filter((logGroup) => counts[logGroup] === 0);
  if (silent.length > 0) log('warn', 'log-groups-silent', { logGroups: silent, silentAfterHours });
  const sinceEpochMs = countedTickEpochMs - silentAfterHours * hourMs;
  return { kind: 'known', silent: new Set(silent), sinceEpochMs };
}

/** The coverage after the scan: a group that was unreadable or not read is blind in this tick. */
export function afterScan(
  { groups, existing }: Pick<TickCoverage, 'groups' | 'existing'>,
  outcomes: ReadonlyMap<string, GroupOutcome>,
): GroupCoverage[] {
  return groups.map((group) => {
    const outcome = outcomes.get(group.logGroup);
    if (
      group.off !== undefined ||
      outcome === undefined ||
      outcome.kind === 'scanned' ||
      outcome.kind === 'out-of-reach'
    ) {
      return group;
    }
    const { kmsKeyId } =
      (existing.kind === 'known' ? existing.logGroups.get(group.logGroup) : undefined) ?? {};
    const key = kmsKeyId === undefined ? '' : `; the log group is encrypted with ${kmsKeyId}`;
    const cause = outcome.kind === 'blind' ? outcome.cause : 'scan-failed';
    return { ...group, blind: { cause, detail: `${describeError(outcome.error)}${key}` } };
  });
}

export function logCoverage(
  { log }: Pick<TickShell, 'log'>,
  coverage: readonly GroupCoverage[],
): void {
  for (const { logGroup, blind, off, scan } of coverage) {
    if (off !== undefined) log('info', 'log-group-off', { logGroup, ...off, scanned: scan });
    else if (blind === undefined) log('info', 'log-group-covered', { logGroup });
    else log('warn', 'log-group-blind', { logGroup, ...blind, scanned: scan });
  }
}

/** Logs the groups that are not as usual, also those whose silence is already reported. */
export function logSilence(
  { log }: Pick<TickShell, 'log'>,
  judged: ReadonlyMap<string, GroupSilence>,
): void {
  for (const [logGroup, silence] of judged) {
    if (silence.kind === 'as-usual') continue;
    log(silence.kind === 'silent' ? 'warn' : 'info', 'log-group-history', {
      ...{ logGroup, judged: silence.kind },
      ...(silence.kind === 'silent' && { since: new Date(silence.sinceEpochMs).toISOString() }),
    });
  }
}
