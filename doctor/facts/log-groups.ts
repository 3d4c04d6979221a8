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

/** Airflow logs role changes at INFO: a higher level drops these lines. */
const levelsThatShowInfo = new Set(['INFO', 'DEBUG']);

/** A log type in which no change can be seen. */
export interface UnseenLogType {
  readonly logType: LogType;
  /** The level above INFO; undefined when the log type is switched off. */
  readonly level: string | undefined;
}

/** The log types that are off, or above INFO. One of which MWAA says nothing counts as off. */
export function unseenLogTypes(settings: LogSettings = {}): UnseenLogType[] {
  return logTypes
    .map((logType) => {
      const { Enabled = false, LogLevel } = settings[loggingMembers[logType]] ?? {};
      return { logType, isOn: Enabled, level: Enabled ? LogLevel : undefined };
    })
    .filter(({ isOn, level }) => !isOn || (level !== undefined && !levelsThatShowInfo.has(level)))
    .map(({ logType, level }) => ({ logType, level }));
}

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
