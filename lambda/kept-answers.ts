import type { EnvironmentLogging, ExistingLogGroups } from './coverage.ts';
import type { MonitorState } from './ledger/monitor-state.ts';

/**
 * How old an answer may be that stands in for one which failed to come.
 *
 * One throttled call should not make five log groups blind and ring five alarms, and AWS's bad moments
 * are over within the hour. It must end all the same: whoever can make the calls fail, and switches a log
 * type off meanwhile, is unseen for no longer than this.
 */
export const keptAnswerMaxMinutes = 60;
const keptAnswerMaxMs = keptAnswerMaxMinutes * 60_000;

/** Whether an answer to an earlier tick may still stand in for one to this tick. */
export function mayStandIn(answeredTickEpochMs: number, tickEpochMs: number): boolean {
  return Math.abs(tickEpochMs - answeredTickEpochMs) <= keptAnswerMaxMs;
}

/** What to go by in a tick, and what to remember for the next one. */
export interface AnswerToGoBy<Answer, Kept> {
  readonly answer: Answer;
  /** undefined: nothing may stand in for the next answer. */
  readonly kept: Kept | undefined;
  /** Why the answer is one of before; undefined when it is this tick's own. */
  readonly keptBecause?: string;
}

/**
 * MWAA's answer of this tick. The last one, while it may stand in, where this one failed to come for a
 * reason that passes; a refusal, or an answer that there is no such environment, ends what was known.
 */
export function environmentToGoBy(
  answer: EnvironmentLogging,
  before: MonitorState['environment'],
  tickEpochMs: number,
): AnswerToGoBy<EnvironmentLogging, NonNullable<MonitorState['environment']>> {
  if (answer.kind === 'found') {
    const { settings, airflow } = answer;
    return { answer, kept: { answeredTickEpochMs: tickEpochMs, settings, airflow } };
  }
  const mayBeKept = answer.kind === 'unknown' && answer.isPassing;
  if (!mayBeKept || !before || !mayStandIn(before.answeredTickEpochMs, tickEpochMs)) {
    return { answer, kept: undefined };
  }
  const { settings, airflow } = before;
  return {
    answer: { kind: 'found', settings, ...(airflow && { airflow }) },
    kept: before,
    keptBecause: answer.reason,
  };
}

/** Likewise, the answer of CloudWatch Logs about which log groups there are. */
export function logGroupsToGoBy(
  answer: ExistingLogGroups,
  before: MonitorState['logGroups'],
  tickEpochMs: number,
): AnswerToGoBy<ExistingLogGroups, NonNullable<MonitorState['logGroups']>> {
  if (answer.kind === 'known') {
    const facts = Object.fromEntries(answer.logGroups);
    return { answer, kept: { answeredTickEpochMs: tickEpochMs, facts } };
  }
  if (!answer.isPassing || !before || !mayStandIn(before.answeredTickEpochMs, tickEpochMs)) {
    return { answer, kept: undefined };
  }
  return {
    answer: { kind: 'known', logGroups: new Map(Object.entries(before.facts)) },
    kept: before,
    keptBecause: answer.reason,
  };
}
