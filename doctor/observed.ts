import { z } from 'zod';
import { partSchema } from './part.ts';
import { stackShape } from './shapes/cloudformation.ts';
import { decryptEventsShape, observedTrailShape } from './shapes/cloudtrail.ts';
import { metricAlarmShape, metricDataResultShape } from './shapes/cloudwatch.ts';
import { rolePolicyShape, roleShape } from './shapes/iam.ts';
import { grantShape, keyMetadataShape, keyRotationShape } from './shapes/kms.ts';
import { logGroupShape, subscriptionFilterShape } from './shapes/logs.ts';
import { environmentShape } from './shapes/mwaa.ts';
import { queryTrialsShape } from './shapes/queries.ts';
import {
  bucketEncryptionShape,
  bucketPolicyShape,
  bucketVersioningShape,
  publicAccessBlockShape,
} from './shapes/s3.ts';
import { subscriptionShape, topicAttributesShape } from './shapes/sns.ts';

const observedKey = z.object({
  metadata: partSchema(keyMetadataShape),
  /** `Policy` of GetKeyPolicy: JSON. */
  policy: partSchema(z.string()),
});

const observedRole = z.object({
  role: partSchema(roleShape),
  /** In-line and attached ones, each with its document. */
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
 * All that the doctor judges: what AWS answered, in the APIs' own shapes, pages put together, and
 * times as the APIs' JSON has them. Plain data, so that a file can hold it.
 *
 * Unknown fields of an answer are left out; a field of another type makes its part `failed`.
 */
export const observedSchema = z.object({
  mwaaEnvironment: z.string(),
  region: z.string(),
  /** When it was observed. */
  nowEpochMs: z.number(),
  environment: partSchema(environmentShape),
  /** Every group whose name begins with `airflow-<environment>-`, also those of other environments. */
  logGroups: partSchema(z.array(logGroupShape)),
  /** By log group. */
  subscriptionFilters: z.record(z.string(), partSchema(z.array(subscriptionFilterShape))),
  /** What Logs Insights makes of the monitor's queries; null when no log group could be asked. */
  queries: partSchema(queryTrialsShape.nullable()),
  /** IncomingLogEvents of the last hours, labelled by log group; no values: no events. */
  incomingEvents: partSchema(z.array(metricDataResultShape)),
  /** Likewise by the hour, of the whole hours of the last eight days. */
  incomingHours: partSchema(z.array(metricDataResultShape)),
  /** Each key that something names, by the name that it is named by: the ID, the ARN or an alias. */
  keys: z.record(z.string(), observedKey),
  /** Of the environment's key; undefined without one. */
  rotation: partSchema(keyRotationShape).optional(),
  grants: partSchema(z.array(grantShape)).optional(),
  /** The execution role; undefined when nobody knows which it is. */
  executionRole: observedRole.optional(),
  /** By name: the environment's bucket, and those of its teams. */
  buckets: z.record(z.string(), observedBucket),
  monitor: z.object({
    /** Its alarms, found by their names. */
    alarms: partSchema(z.array(metricAlarmShape)),
    /** The stack that the alarms belong to; null when they belong to none. */
    stack: partSchema(stackShape.nullable()),
    /** ScanCompleted of the last hours. */
    heartbeat: partSchema(z.array(metricDataResultShape)),
    /** By ARN: where its alarms and findings go. */
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
