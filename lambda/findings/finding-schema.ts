import * as z from 'zod/mini';
import { severities } from './finding.ts';

const text = z.string().check(z.minLength(1));
const isoTime = z.iso.datetime({ precision: 3 });
const link = z.string().check(z.regex(/^https:\/\/[\x21-\x7e]+$/, 'must be an https address'));

const actorSchema = z.strictObject({
  dag: z.optional(text),
  run: z.optional(text),
  task: z.optional(text),
  mapIndex: z.optional(z.int()),
  attempt: z.optional(z.int().check(z.minimum(0))),
  dagFile: z.optional(text),
  user: z.optional(text),
});

const evidenceSchema = z.strictObject({
  logGroup: text,
  logStream: text,
  timestamp: isoTime,
  message: z.string(),
  occurrences: z.int().check(z.minimum(1)),
});

/** A finding as JSON: what `replay --json` prints and the ledger keeps. */
export const findingSchema = z.strictObject({
  schema: z.literal(1),
  id: z.string().check(z.regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')),
  environment: text,
  severity: z.enum(severities),
  title: text,
  detections: z.array(text).check(z.minLength(1)),
  attack: z.array(z.string().check(z.regex(/^T\d{4}(\.\d{3})?$/))),
  actor: actorSchema,
  target: z.optional(text),
  role: z.optional(text),
  firstSeen: isoTime,
  lastSeen: isoTime,
  detectedAt: isoTime,
  late: z.boolean(),
  outcome: z.enum(['succeeded', 'failed', 'denied', 'unknown']),
  /** Empty only for what the monitor says of itself. */
  evidence: z.array(evidenceSchema),
  links: z.strictObject({ logStream: link, insights: link, airflow: z.optional(link) }),
  runbook: text,
});

/** A finding as it is published: with what a receiver has to know of the message itself. */
export const publishedFindingSchema = z.extend(findingSchema, {
  kind: z.enum(['finding', 'update']),
  /** The same finding was published before, when it was milder. */
  update: z.optional(z.literal(true)),
  /** Lines of evidence that were left out for size; the log has them. */
  evidenceOmitted: z.optional(z.int().check(z.minimum(1))),
});

/** What a digest lists of a finding. */
const digestEntrySchema = z.strictObject({
  id: text,
  severity: z.enum(severities),
  title: text,
  outcome: z.enum(['succeeded', 'failed', 'denied', 'unknown']),
  firstSeen: isoTime,
  logStreamLink: link,
});

export const publishedDigestSchema = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('digest'),
  environment: text,
  /** The worst of those listed. */
  severity: z.enum(severities),
  count: z.int().check(z.minimum(1)),
  bySeverity: z.record(z.string(), z.int()),
  findings: z.array(digestEntrySchema),
  /** Findings that are counted and not listed, for size. */
  findingsOmitted: z.optional(z.int().check(z.minimum(1))),
});

/** What is published of findings whose message SNS refused. */
export const publishedMinimalSchema = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('minimal'),
  environment: text,
  severity: z.enum(severities),
  findings: z.array(z.strictObject({ id: text, severity: z.enum(severities) })),
  findingsOmitted: z.optional(z.int().check(z.minimum(1))),
});

export type PublishedMinimal = z.infer<typeof publishedMinimalSchema>;
export type PublishedFinding = z.infer<typeof publishedFindingSchema>;
export type PublishedDigest = z.infer<typeof publishedDigestSchema>;
export type DigestEntry = z.infer<typeof digestEntrySchema>;
