import type { MonitorState } from '../ledger/monitor-state.ts';
import type { EnvironmentLogging, ExistingLogGroups } from '../model/coverage.ts';

/**
 * How old an earlier answer may be that replaces one which failed to come.
 *
 * One throttled call should not make five log groups blind and raise five alarms, and most AWS
 * disturbances are over within the hour. There must be a limit: whoever can make the calls fail and
 * switches a log type off meanwhile goes unnoticed for no longer than this.
 */
export const keptAnswerMaxMinutes = 60;
const keptAnswerMaxMs = keptAnswerMaxMinutes * 60_000;

/** Whether the answer of an earlier tick may still replace that of this tick. */
export function mayStandIn(answeredTickEpochMs: number, tickEpochMs: number): boolean {
  return Math.abs(tickEpochMs - answeredTickEpochMs) <= keptAnswerMaxMs;
}

/** The answer to use in a tick, and what to store for the next one. */
export interface AnswerToGoBy<Answer, Kept> {
  readonly answer: Answer;
  /** undefined: nothing may replace the next answer. */
  readonly kept: Kept | undefined;
  /** Why an earlier answer is used; absent when it is this tick's own. */
  readonly keptBecause?: string;
}

/**
 * MWAA's answer for this tick. If this tick's call failed for a temporary reason, that is the last
 * answer, while it may still be used. A refusal, or the answer that there is no such environment,
 * discards the last answer.
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

/** The same for the answer of CloudWatch Logs about which log groups exist. */
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
