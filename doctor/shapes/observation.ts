import { z } from 'zod';
import {
  decryptEventsShape,
  logGroupShape,
  metricAlarmShape,
  metricDataResultShape,
  observedTrailShape,
  partSchema,
  queryTrialsShape,
  subscriptionFilterShape,
} from './log-shapes.ts';
import {
  bucketEncryptionShape,
  bucketPolicyShape,
  bucketVersioningShape,
  environmentShape,
  grantShape,
  keyMetadataShape,
  keyRotationShape,
  publicAccessBlockShape,
  rolePolicyShape,
  roleShape,
  stackResourceShape,
  stackShape,
  subscriptionShape,
  topicAttributesShape,
} from './service-shapes.ts';

const observedKey = z.object({
  metadata: partSchema(keyMetadataShape),
  /** `Policy` of GetKeyPolicy: JSON. */
  policy: partSchema(z.string()),
});

const observedRole = z.object({
  role: partSchema(roleShape),
  /** Inline and attached policies, each with its document. */
  policies: partSchema(z.array(rolePolicyShape)),
  /** The document of the permissions boundary; null when the role has none. */
  boundary: partSchema(z.string().nullable()),
});

const observedBucket = z.object({
  versioning: partSchema(bucketVersioningShape),
  publicAccessBlock: partSchema(publicAccessBlockShape),
  policy: partSchema(bucketPolicyShape),
  encryption: partSchema(bucketEncryptionShape),
});

const observedTopic = z.object({
  attributes: partSchema(topicAttributesShape),
  subscriptions: partSchema(z.array(subscriptionShape)),
});

/**
 * Everything that the doctor judges: AWS's answers in the APIs' own shapes, with pages merged and
 * times as in the APIs' JSON. Plain data, so that a file can store it.
 *
 * Unknown fields of an answer are dropped; a field of the wrong type makes its part `failed`.
 */
export const observedSchema = z.object({
  mwaaEnvironment: z.string(),
  region: z.string(),
  /** When it was observed. */
  nowEpochMs: z.number(),
  environment: partSchema(environmentShape),
  /**
   * Every group with the prefix `airflow-<environment>-`, even of other environments (`prod-2`).
   */
  logGroups: partSchema(z.array(logGroupShape)),
  /** By log group. */
  subscriptionFilters: z.record(z.string(), partSchema(z.array(subscriptionFilterShape))),
  /** The trial of the monitor's queries; null when no log group could be queried. */
  queries: partSchema(queryTrialsShape.nullable()),
  /** IncomingLogEvents of the last hours, by minute, labelled by log group; no value: no events. */
  incomingEvents: partSchema(z.array(metricDataResultShape)),
  /** IncomingLogEvents by hour, for the whole hours of the last eight days. */
  incomingHours: partSchema(z.array(metricDataResultShape)),
  /** Every key in use, by the name that refers to it: ID, ARN or alias. */
  keys: z.record(z.string(), observedKey),
  /** The rotation of the environment's key; undefined without a key. */
  rotation: partSchema(keyRotationShape).optional(),
  grants: partSchema(z.array(grantShape)).optional(),
  /** The execution role; undefined when GetEnvironment did not name it. */
  executionRole: observedRole.optional(),
  /** The environment's bucket and its teams' buckets, by name. */
  buckets: z.record(z.string(), observedBucket),
  monitor: z.object({
    /** The monitor's alarms, found by their names. */
    alarms: partSchema(z.array(metricAlarmShape)),
    /** The stack that the alarms belong to; null when they belong to none. */
    stack: partSchema(stackShape.nullable()),
    /** The resources of that stack; empty without one. */
    resources: partSchema(z.array(stackResourceShape)),
    /** The metric ScanCompleted of the last hours. */
    heartbeat: partSchema(z.array(metricDataResultShape)),
    /** The role of the second witness; undefined when the stack's outputs name none. */
    witnessRole: observedRole.optional(),
    /** The topics for its alarms and findings, by ARN. */
    topics: z.record(z.string(), observedTopic),
  }),
  trails: partSchema(z.array(observedTrailShape)),
  decryptEvents: partSchema(decryptEventsShape),
});

export type Observed = z.output<typeof observedSchema>;
export type ObservedKey = z.output<typeof observedKey>;
export type ObservedRole = z.output<typeof observedRole>;
export type ObservedBucket = z.output<typeof observedBucket>;
export type ObservedTopic = z.output<typeof observedTopic>;
