import * as z from 'zod/mini';
import { outcomeSchema, severitySchema } from './finding.ts';
import { verbNames } from './verbs.ts';

/**
 * What kind of line a detection matches, which decides how it is correlated:
 *
 * - `outcome`: reports that it happened (`User "bob" added to role "Admin"`)
 * - `command`: an echoed command; whether it worked is not in the line
 * - `statement`: SQL that is about to run; its result comes after it
 * - `result`: the outcome of the statement before
 * - `write`: Airflow's security manager reports a write, on behalf of somebody (a command, a web
 *   request, DAG code)
 * - `request`: an access-log line; its status shows the outcome
 * - `failure`: reports that a command failed, and which
 * - `denial`: reports that a web request was refused
 * - `block`: Airflow blocked a task's access to the metadata database
 * - `partial`: may report that it happened: Airflow's secrets masker masked words of it, or the log
 *   cut it off
 * - `other-product`: a command of another product, whose output reads like Airflow's
 * - `notice`: correlated with nothing
 */
export const signalKinds = [
  'outcome',
  'command',
  'statement',
  'result',
  'write',
  'request',
  'failure',
  'denial',
  'block',
  'partial',
  'other-product',
  'notice',
] as const;

export type SignalKind = (typeof signalKinds)[number];

const text = z.string();

/**
 * Version 1 stored empty names, and null for a status that it could not read: both mean nothing.
 */
const name = z.pipe(
  z.nullable(z.string()),
  z.transform((value) => (value === null || value === '' ? undefined : value)),
);
/** A verb that only another version knows is read as none: the line stays, with its severity. */
const verb = z.pipe(
  name,
  z.transform((text) => verbNames.find((known) => known === text)),
);
const status = z.pipe(
  z.nullable(z.number()),
  z.transform((value) => value ?? undefined),
);

/** One thing that one line says; a line may say several. */
const signalSchema = z.object({
  kind: z.enum(signalKinds),
  /** Ids of the detections that read it so. */
  detections: z.readonly(z.array(text)),
  /** The highest of the detections' severities, after `raise`. */
  severity: severitySchema,
  /** For a line that looks quoted: its severity if other lines show that it is real. */
  fullSeverity: z.optional(severitySchema),
  /** `grant-role`, `create-user` …; undefined if the line does not show it. */
  verb: z.optional(verb),
  /** The user: a user name, an e-mail address, or the number of a record in a web request. */
  target: z.optional(name),
  role: z.optional(name),
  /** For a command that names several roles: `role` is left out then. */
  roles: z.optional(z.readonly(z.array(text))),
  /**
   * What else distinguishes changes of one verb: a table, a DAG. For a result: psql's answer, if it
   * is one.
   */
  object: z.optional(name),
  /** Method of a request. */
  method: z.optional(name),
  /** HTTP status of a request. */
  status: z.optional(status),
  /** What a request's status or the result of a statement shows. */
  outcome: z.optional(outcomeSchema),
  /** The Airflow user that an access line names. */
  user: z.optional(name),
  /**
   * For a command whose output or errors do not go to the log: it has written no message about a
   * failure.
   */
  silenced: z.optional(z.boolean()),
});

export type Signal = Readonly<z.infer<typeof signalSchema>>;

/** A log event as the correlation sees it, and as the ledger stores it. */
export const observedEventSchema = z.object({
  /**
   * Hash of log group, stream, timestamp and the message as it was written: the event's identity.
   */
  key: text,
  logGroup: text,
  logStream: text,
  /** Event time in epoch milliseconds. */
  timestamp: z.int(),
  /** Redacted, at most 1 kB. */
  message: text,
  /** Set if the log may have cut the event off: what followed is not known. */
  cut: z.optional(z.boolean()),
  /** How often this very event is in the log. */
  occurrences: z.int(),
  signals: z.readonly(z.array(signalSchema)),
  /** Signals that were read but dropped, with the worst severity among them. */
  omitted: z.optional(z.object({ count: z.int().check(z.minimum(1)), severity: severitySchema })),
});

export type ObservedEvent = Readonly<z.infer<typeof observedEventSchema>>;

/** A log event that at least one detection's filter found. */
export interface MatchedEvent {
  readonly logGroup: string;
  readonly logStream: string;
  /** Event time in epoch milliseconds. */
  readonly timestamp: number;
  /** As it was written: not redacted, not cut. */
  readonly message: string;
  /** Ids of the detections whose filter and log types it fits. */
  readonly detections: readonly string[];
}
