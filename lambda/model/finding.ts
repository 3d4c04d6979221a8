import * as z from 'zod/mini';
import { severities } from './severity.ts';

export const severitySchema = z.enum(severities);

/**
 * Whether the change happened, as far as the log shows. `no-effect`: the statement ran and changed
 * nothing.
 */
export const outcomes = ['succeeded', 'failed', 'denied', 'no-effect', 'unknown'] as const;

export const outcomeSchema = z.enum(outcomes);

export type Outcome = z.infer<typeof outcomeSchema>;

const nonEmptyText = z.string().check(z.minLength(1));
/** ISO 8601 with milliseconds, UTC. */
const isoTime = z.iso.datetime({ precision: 3 });
const httpsLink = z.string().check(z.regex(/^https:\/\/[\x21-\x7e]+$/, 'must be an https address'));

/** Who did it, as far as the stream name or the access line shows. */
const actorSchema = z.object({
  dag: z.optional(nonEmptyText),
  run: z.optional(nonEmptyText),
  task: z.optional(nonEmptyText),
  mapIndex: z.optional(z.int()),
  attempt: z.optional(z.int().check(z.minimum(0))),
  /** The DAG file that was being parsed when the line was written. */
  dagFile: z.optional(nonEmptyText),
  /** The Airflow user that an access line names. */
  user: z.optional(nonEmptyText),
});

export type Actor = Readonly<z.infer<typeof actorSchema>>;

/** One log event that shows the change; identical events are one, with `occurrences`. */
const evidenceSchema = z.object({
  logGroup: nonEmptyText,
  logStream: nonEmptyText,
  timestamp: isoTime,
  /** Redacted, then cut to 1 kB. */
  message: z.string(),
  /** Set if the log may have cut the event off: what followed is not known. */
  cut: z.optional(z.boolean()),
  occurrences: z.int().check(z.minimum(1)),
});

export type Evidence = Readonly<z.infer<typeof evidenceSchema>>;

/** How to undo a change. */
const undoSchema = z.object({
  /** Commands of the Airflow CLI, each one line for a POSIX shell. */
  commands: z.readonly(z.array(nonEmptyText)),
  /**
   * The same without a shell, one for each command: a role to take from a user or, without a role, a user to
   * delete. Absent in findings of earlier versions.
   */
  changes: z.optional(
    z.readonly(z.array(z.object({ username: nonEmptyText, role: z.optional(nonEmptyText) }))),
  ),
  /**
   * The roles of a change of roles, those with plain names: how they are now shows what is to be undone. Absent for a
   * change of users, and in findings of earlier versions.
   */
  roles: z.optional(z.readonly(z.array(nonEmptyText))),
  /** The roles were created, so that whoever finds one of them unused may delete it. */
  areNewRoles: z.optional(z.literal(true)),
  /** Some commands are left out: there are too many, or a name is not safe in a command. */
  isPartial: z.optional(z.literal(true)),
});

export type Undo = Readonly<z.infer<typeof undoSchema>>;

/**
 * One privilege change: the published JSON, schema 1, and the form in which the ledger stores it.
 * Fields that a later version adds are ignored.
 */
export const findingSchema = z.object({
  schema: z.literal(1),
  id: z.string().check(z.regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')),
  environment: nonEmptyText,
  severity: severitySchema,
  title: nonEmptyText,
  /** The title in fewer words, for the subject of a mail; absent in findings of earlier versions. */
  headline: z.optional(nonEmptyText),
  detections: z.readonly(z.array(nonEmptyText).check(z.minLength(1))),
  attack: z.readonly(z.array(z.string().check(z.regex(/^T\d{4}(\.\d{3})?$/)))),
  actor: actorSchema,
  target: z.optional(nonEmptyText),
  role: z.optional(nonEmptyText),
  firstSeen: isoTime,
  lastSeen: isoTime,
  detectedAt: isoTime,
  /** Its lines arrived after their time had been scanned. */
  late: z.boolean(),
  /**
   * Its lines were there when their time was scanned, but only a later look found them: the
   * detection is new.
   */
  laterLook: z.optional(z.literal(true)),
  outcome: outcomeSchema,
  /** Empty only in findings about the monitor itself. */
  evidence: z.readonly(z.array(evidenceSchema)),
  /** Absent if nothing happened, or no command can undo it. */
  undo: z.optional(undoSchema),
  links: z.object({ logStream: httpsLink, insights: httpsLink, airflow: z.optional(httpsLink) }),
  runbook: nonEmptyText,
});

export type Finding = Readonly<z.infer<typeof findingSchema>>;

/** Where the monitor and what it watches are. */
export const placeShape = {
  account: z.string().check(z.regex(/^\d{12}$/, 'must be 12 digits')),
  region: nonEmptyText,
};

/** A finding as it is published: with what a receiver has to know about the message itself. */
export const publishedFindingSchema = z.strictObject({
  ...findingSchema.shape,
  ...placeShape,
  kind: z.enum(['finding', 'update']),
  /** The same finding was published before, when it was milder or named fewer users or roles. */
  update: z.optional(z.literal(true)),
  /** Lines of evidence that were left out for size; the log has them. */
  evidenceOmitted: z.optional(z.int().check(z.minimum(1))),
  /** Where the runbook is; absent where `runbookBaseUrl` is not known. */
  runbookUrl: z.optional(httpsLink),
  /** Who owns the DAG, as its log says: its author chooses the names. */
  dagOwners: z.optional(z.readonly(z.array(nonEmptyText).check(z.minLength(1)))),
});

/** The `detail` of an event on the bus: one finding, as the topic's JSON has it. */
export const findingEventSchema = z.object({
  ...publishedFindingSchema.shape,
  /** `test`: somebody ran `privilege-monitor send-test`, and nothing has happened. */
  kind: z.enum(['finding', 'update', 'test']),
  /** It happened before the monitor's first scan, which looked back: the topic names it in a digest. */
  lookBack: z.optional(z.literal(true)),
});

export type FindingEvent = z.infer<typeof findingEventSchema>;

/** What a digest lists for a finding. */
const digestEntrySchema = z.strictObject({
  id: nonEmptyText,
  severity: severitySchema,
  title: nonEmptyText,
  actor: findingSchema.shape.actor,
  target: findingSchema.shape.target,
  role: findingSchema.shape.role,
  outcome: outcomeSchema,
  firstSeen: isoTime,
  logStreamLink: httpsLink,
});

export const publishedDigestSchema = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('digest'),
  environment: nonEmptyText,
  ...placeShape,
  /** The worst severity among the listed findings. */
  severity: severitySchema,
  count: z.int().check(z.minimum(1)),
  bySeverity: z.record(z.string(), z.int()),
  /** All findings that it counts. Those that do not fit into one message are in further ones. */
  findings: z.array(digestEntrySchema),
});

/** What is published about findings whose message SNS refused. */
export const publishedMinimalSchema = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('minimal'),
  environment: nonEmptyText,
  ...placeShape,
  severity: severitySchema,
  findings: z.array(z.strictObject({ id: nonEmptyText, severity: severitySchema })),
});

/** A test finding as it is published: all members of a finding, and its own kind. */
export const publishedTestSchema = z.strictObject({
  ...findingSchema.shape,
  ...placeShape,
  kind: z.literal('test'),
});

export type PublishedTest = Readonly<z.infer<typeof publishedTestSchema>>;
export type PublishedMinimal = z.infer<typeof publishedMinimalSchema>;
export type PublishedFinding = z.infer<typeof publishedFindingSchema>;
export type PublishedDigest = z.infer<typeof publishedDigestSchema>;
export type DigestEntry = z.infer<typeof digestEntrySchema>;
