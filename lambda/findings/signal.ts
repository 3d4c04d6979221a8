import * as z from 'zod/mini';
import { outcomeSchema, severitySchema } from './finding.ts';
import { verbNames } from './verbs.ts';

/**
 * What kind of line a detection matches, which decides how it is correlated:
 *
 * - `outcome`: says that it happened (`User "bob" added to role "Admin"`)
 * - `command`: an echoed command; whether it worked is not in the line
 * - `statement`: SQL that is about to run; its result comes after it
 * - `result`: what became of the statement before
 * - `write`: Airflow's security manager reports a write, on behalf of somebody (a command, a web
 *   request, DAG code)
 * - `request`: an access-log line; its status tells the outcome
 * - `failure`: says that a command failed, and which
 * - `denial`: says that a web request was refused
 * - `block`: Airflow blocked a task's way to the metadata database
 * - `partial`: may say that it happened: Airflow's secrets masker took words of it, or the log cut it off
 * - `other-product`: a command of another product, whose output reads like Airflow's
 * - `notice`: stands for itself, correlated with nothing
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

/** Version 1 stored empty names, and a status that it could not read as null: both say nothing. */
const name = z.pipe(
  z.nullable(z.string()),
  z.transform((value) => (value === null || value === '' ? undefined : value)),
);
const verb = z.pipe(name, z.optional(z.enum(verbNames)));
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
  /** Of a line that somebody seems to quote: how bad it is where other lines show that it is real. */
  fullSeverity: z.optional(severitySchema),
  /** `grant-role`, `create-user` …; undefined when the line does not tell. */
  verb: z.optional(verb),
  /** Whom: a user name, an e-mail address, or the number of a record in a web request. */
  target: z.optional(name),
  role: z.optional(name),
  /** Of a command that names several roles: `role` is left out then. */
  roles: z.optional(z.readonly(z.array(text))),
  /** What else tells changes of one verb apart: a table, a DAG. Of a result what psql answered, if it is that. */
  object: z.optional(name),
  /** Of a request. */
  method: z.optional(name),
  /** HTTP status of a request. */
  status: z.optional(status),
  /** What a request's status or the result of a statement says. */
  outcome: z.optional(outcomeSchema),
  /** The Airflow user that an access line names. */
  user: z.optional(name),
  /** Of a command whose output or errors do not go to the log: no message of a failure is its own. */
  silenced: z.optional(z.boolean()),
});

export type Signal = Readonly<z.infer<typeof signalSchema>>;

/** A log event as the correlation sees it, and as the ledger stores it. */
export const observedEventSchema = z.object({
  /** Hash of log group, stream, timestamp and the message as it was: the event's identity. */
  key: text,
  logGroup: text,
  logStream: text,
  /** Event time in epoch milliseconds. */
  timestamp: z.int(),
  /** Redacted, at most 1 kB. */
  message: text,
  /** Set where the log may have cut the event off: what followed is not known. */
  cut: z.optional(z.boolean()),
  /** How often this very event is in the log. */
  occurrences: z.int(),
  signals: z.readonly(z.array(signalSchema)),
  /** Signals that were read and are not carried on, with the worst severity among them. */
  omitted: z.optional(z.object({ count: z.int().check(z.minimum(1)), severity: severitySchema })),
});

export type ObservedEvent = Readonly<z.infer<typeof observedEventSchema>>;
