import * as z from 'zod/mini';
import {
  findingSchema,
  httpsLink,
  isoTime,
  outcomeSchema,
  severitySchema,
  nonEmptyText as text,
} from './finding.ts';

/** Where the monitor and what it watches are. */
export const placeShape = {
  account: z.string().check(z.regex(/^\d{12}$/, 'must be 12 digits')),
  region: text,
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
});

/** What a digest lists for a finding. */
const digestEntrySchema = z.strictObject({
  id: text,
  severity: severitySchema,
  title: text,
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
  environment: text,
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
  environment: text,
  ...placeShape,
  severity: severitySchema,
  findings: z.array(z.strictObject({ id: text, severity: severitySchema })),
});

export type PublishedMinimal = z.infer<typeof publishedMinimalSchema>;
export type PublishedFinding = z.infer<typeof publishedFindingSchema>;
export type PublishedDigest = z.infer<typeof publishedDigestSchema>;
export type DigestEntry = z.infer<typeof digestEntrySchema>;
