import { type LogType, logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { type Judgement, judge } from '../shapes/judgement.ts';
import type { LogGroup, MetricDataResult } from '../shapes/log-shapes.ts';
import type { MwaaEnvironment } from '../shapes/service-shapes.ts';
import type { Facts } from './facts.ts';

type LogSettings = NonNullable<MwaaEnvironment['LoggingConfiguration']>;

/** The member of MWAA's LoggingConfiguration that configures a log type. */
export const loggingMembers = {
  DAGProcessing: 'DagProcessingLogs',
  Scheduler: 'SchedulerLogs',
  Task: 'TaskLogs',
  WebServer: 'WebserverLogs',
  Worker: 'WorkerLogs',
} as const satisfies Record<LogType, keyof LogSettings>;

export interface EnvironmentGroup {
  readonly logType: LogType;
  readonly name: string;
  /** undefined when the group does not exist. */
  readonly group: LogGroup | undefined;
}

/** The five groups of an environment among those with the same prefix: `prod` is not `prod-2`. */
export function environmentGroups(
  mwaaEnvironment: string,
  logGroups: readonly LogGroup[],
): EnvironmentGroup[] {
  return logTypes.map((logType) => {
    const name = logGroupName(mwaaEnvironment, logType);
    return { logType, name, group: logGroups.find((group) => group.logGroupName === name) };
  });
}

/**
 * Judges each of the five log groups that exists; `log-groups-exist` reports missing ones.
 *
 * @returns the judgements, or a text that says why the check does not apply when no group exists
 */
export function judgeGroups(
  { observed }: Facts,
  judgeOne: (group: EnvironmentGroup & { readonly group: LogGroup }) => readonly Judgement[],
): readonly Judgement[] | string {
  const { logGroups, mwaaEnvironment } = observed;
  if (logGroups.kind !== 'known') return judge(logGroups, () => []);
  const existing = environmentGroups(mwaaEnvironment, logGroups.value).flatMap(
    ({ group, ...rest }) => (group ? [{ ...rest, group }] : []),
  );
  if (existing.length === 0) return 'there are no log groups';
  return existing.flatMap(judgeOne);
}

/** The time of the newest value above zero; undefined without one. */
export function newestEpochMs({ Timestamps = [], Values = [] }: MetricDataResult) {
  const times = Timestamps.filter((_, at) => (Values[at] ?? 0) > 0).map((text) => Date.parse(text));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether CloudWatch returned an error instead of values, which must not count as silence. */
export function isRefused({ StatusCode }: { readonly StatusCode?: string | undefined }): boolean {
  return StatusCode === 'InternalError' || StatusCode === 'Forbidden';
}
