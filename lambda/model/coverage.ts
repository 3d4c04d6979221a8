import type { LogType } from './log-types.ts';

/** An answer that did not come, and why. */
interface NotKnown {
  readonly kind: 'unknown';
  readonly reason: string;
  /** The call was throttled or lost, or the service was unavailable: it was not refused. */
  readonly isPassing?: boolean;
}

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
  | NotKnown;

/** What CloudWatch Logs says about a log group. */
export interface LogGroupFacts {
  readonly createdEpochMs?: number | undefined;
  /** @default undefined - its events never expire */
  readonly retentionDays?: number | undefined;
  /** The customer managed key that encrypts it. */
  readonly kmsKeyId?: string | undefined;
}

/** The answer to "which of the environment's log groups exist?". */
export type ExistingLogGroups =
  | { readonly kind: 'known'; readonly logGroups: ReadonlyMap<string, LogGroupFacts> }
  | NotKnown;

/** The answer to "which log groups had no event lately?". */
export type IncomingEvents =
  | {
      readonly kind: 'known';
      readonly silent: ReadonlySet<string>;
      /** The time since which no event has come into the silent groups. */
      readonly sinceEpochMs: number;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Why a log group cannot be trusted to show privilege changes. */
export type BlindCause =
  | 'environment-not-found'
  | 'disabled'
  | 'missing'
  | 'level-above-info'
  | 'unknown'
  /** No events come in, although this log type always writes some. */
  | 'silent'
  /** Events are gone before the far sweep reads them. */
  | 'retention-too-short'
  /** Its key may not be used, so that its events cannot be read. */
  | 'key-unreadable'
  /** StartQuery on the group was denied. */
  | 'query-denied'
  /** The group should have been read in this tick, and was not. */
  | 'scan-failed';

export interface GroupCoverage {
  readonly logType: LogType;
  readonly logGroup: string;
  /** What makes the group blind; absent when it is covered. */
  readonly blind?: { readonly cause: BlindCause; readonly detail: string };
  /** What would make it blind if its log type were not `optional`; absent when it is not off. */
  readonly off?: { readonly cause: BlindCause; readonly detail: string };
  /** Whether to query it: a group of unknown coverage is still worth reading. */
  readonly scan: boolean;
}

/** The host of the Airflow web server and its version: links differ since Airflow 3. */
export interface AirflowWeb {
  /** Host name, from GetEnvironment's `WebserverUrl`. */
  readonly host: string;
  /** `2.10.3`; if absent, the link is one for Airflow 2. */
  readonly version?: string | undefined;
}
