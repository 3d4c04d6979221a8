import type { Outcome, Severity } from './finding.ts';

/**
 * What kind of line a detection matches, which decides how it is correlated:
 *
 * - `outcome`: says that it happened (`User "bob" added to role "Admin"`)
 * - `command`: an echoed command; whether it worked is not in the line
 * - `write`: Airflow's security manager reports a write, on behalf of somebody (a command, a web
 *   request, DAG code)
 * - `request`: an access-log line; its status tells the outcome
 * - `failure`: says that a command failed, and which
 * - `denial`: says that a web request was refused
 * - `block`: Airflow blocked a task's way to the metadata database
 * - `notice`: stands for itself, correlated with nothing
 */
export const signalKinds = [
  'outcome',
  'command',
  'write',
  'request',
  'failure',
  'denial',
  'block',
  'notice',
] as const;

export type SignalKind = (typeof signalKinds)[number];

/** One thing that one line says; a line may say several. */
export interface Signal {
  readonly kind: SignalKind;
  /** Ids of the detections that read it so. */
  readonly detections: readonly string[];
  /** The highest of the detections' severities, after `raise`. */
  readonly severity: Severity;
  /** `grant-role`, `create-user` …; undefined when the line does not tell. */
  readonly verb?: string;
  /** Whom: a user name, an e-mail address, or the number of a record in a web request. */
  readonly target?: string;
  readonly role?: string;
  /** What else tells changes of one verb apart: a table, a DAG. */
  readonly object?: string;
  /** Of a request. */
  readonly method?: string;
  /** HTTP status of a request. */
  readonly status?: number;
  /** What a request's status says. */
  readonly outcome?: Outcome;
  /** The Airflow user that an access line names. */
  readonly user?: string;
  /** Of a command whose errors go elsewhere than to the log: no message of a failure is its own. */
  readonly silenced?: boolean;
}

/** A log event as the correlation sees it: its text is redacted and cut already. */
export interface ObservedEvent {
  /** Hash of log group, stream, timestamp and the message as it was: the event's identity. */
  readonly key: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Event time in epoch milliseconds. */
  readonly timestamp: number;
  /** Redacted, at most 1 kB. */
  readonly message: string;
  /** How often this very event stood in the log. */
  readonly occurrences: number;
  readonly signals: readonly Signal[];
}
