import type { AirflowWeb } from './findings/links.ts';
import { type LogType, logGroupName, logTypes } from './log-types.ts';

/** What MWAA says about the logging of one log type. */
export interface LogTypeSetting {
  readonly enabled?: boolean | undefined;
  /** `CRITICAL`, `ERROR`, `WARNING`, `INFO` or `DEBUG`. */
  readonly logLevel?: string | undefined;
}

/** The answer to "how is this environment set to log?". */
export type EnvironmentLogging =
  | {
      readonly kind: 'found';
      readonly settings: Partial<Record<LogType, LogTypeSetting>>;
      /** Where Airflow's web interface is, for links. */
      readonly airflow?: AirflowWeb;
    }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The answer to "which of the environment's log groups exist?". */
export type ExistingLogGroups =
  | { readonly kind: 'known'; readonly logGroups: ReadonlySet<string> }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Why a log group cannot be trusted to show privilege changes. */
export type BlindCause =
  | 'environment-not-found'
  | 'disabled'
  | 'missing'
  | 'level-above-info'
  | 'unknown'
  /** StartQuery on the group was denied. */
  | 'query-denied'
  /** The group should have been read in this tick, and was not. */
  | 'scan-failed';

export interface GroupCoverage {
  readonly logType: LogType;
  readonly logGroup: string;
  /** What makes the group blind; undefined when it is covered. */
  readonly blind?: { readonly cause: BlindCause; readonly detail: string };
  /** Whether to query it: a group of unknown coverage is still worth reading. */
  readonly scan: boolean;
}

/** Airflow writes "added to role" and its kind at INFO: a higher level drops them. */
const levelsThatShowInfo: ReadonlySet<string> = new Set(['DEBUG', 'INFO']);
const levelsAboveInfo: ReadonlySet<string> = new Set(['WARNING', 'ERROR', 'CRITICAL']);

/**
 * Judges each log group of an environment by what MWAA and CloudWatch Logs say about it.
 *
 * A group is covered only when both say so: an unknown is never taken for a yes.
 */
export function assessCoverage(
  mwaaEnvironment: string,
  logging: EnvironmentLogging,
  existing: ExistingLogGroups,
): GroupCoverage[] {
  return logTypes.map((logType) => {
    const logGroup = logGroupName(mwaaEnvironment, logType);
    const absent = existing.kind === 'known' && !existing.logGroups.has(logGroup);
    const group = { logType, logGroup };
    if (logging.kind === 'not-found') {
      const detail = `MWAA has no environment ${mwaaEnvironment}`;
      return { ...group, blind: { cause: 'environment-not-found', detail }, scan: !absent };
    }
    const setting = logging.kind === 'found' ? logging.settings[logType] : undefined;
    if (setting?.enabled === false) {
      const detail = `MWAA does not publish ${logType} logs`;
      return { ...group, blind: { cause: 'disabled', detail }, scan: false };
    }
    if (absent) {
      return { ...group, blind: { cause: 'missing', detail: 'no such log group' }, scan: false };
    }
    if (setting?.logLevel !== undefined && levelsAboveInfo.has(setting.logLevel)) {
      const detail = `log level is ${setting.logLevel}`;
      return { ...group, blind: { cause: 'level-above-info', detail }, scan: false };
    }
    const detail = unknownDetail(logging, setting, existing);
    return detail === undefined
      ? { ...group, scan: true }
      : { ...group, blind: { cause: 'unknown', detail }, scan: true };
  });
}

function unknownDetail(
  logging: EnvironmentLogging,
  setting: LogTypeSetting | undefined,
  existing: ExistingLogGroups,
): string | undefined {
  const details = [
    logging.kind === 'unknown' ? logging.reason : undefined,
    logging.kind === 'found' ? unknownSetting(setting) : undefined,
    existing.kind === 'unknown' ? existing.reason : undefined,
  ].filter((detail) => detail !== undefined);
  return details.length === 0 ? undefined : details.join('; ');
}

function unknownSetting(setting: LogTypeSetting | undefined): string | undefined {
  if (setting?.enabled === undefined) {
    return 'MWAA does not say whether the logs are published';
  }
  return setting.logLevel !== undefined && levelsThatShowInfo.has(setting.logLevel)
    ? undefined
    : `MWAA names no known log level (got ${setting.logLevel ?? 'none'})`;
}
