import { z } from 'zod';

/** One answer from AWS, or why there is none: any part of what was observed can be missing. */
export type Part<T> = KnownPart<T> | MissingPart;

interface KnownPart<T> {
  readonly kind: 'known';
  readonly value: T;
}

export type MissingPart =
  /** The credentials may not make the call. */
  | { readonly kind: 'denied'; readonly action: string; readonly error: string }
  /** The call had no usable answer: throttled, unreachable, or an undocumented shape. */
  | { readonly kind: 'failed'; readonly action: string; readonly error: string };

export function partSchema<T extends z.ZodType>(value: T) {
  const missing = { action: z.string(), error: z.string() };
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), value }),
    z.object({ kind: z.literal('denied'), ...missing }),
    z.object({ kind: z.literal('failed'), ...missing }),
  ]);
}

export function known<T>(value: T): KnownPart<T> {
  return { kind: 'known', value };
}

/** Maps the value of a known part; a missing part remains missing, for the same reason. */
export function mapPart<T, U>(part: Part<T>, map: (value: T) => U): Part<U> {
  return part.kind === 'known' ? known(map(part.value)) : part;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
export const logGroupShape = z
  .object({
    logGroupName: z.string(),
    /** Epoch milliseconds. */
    creationTime: z.number(),
    /** Missing when events never expire. */
    retentionInDays: z.number(),
    /** Always an ARN; missing when CloudWatch Logs encrypts the group itself. */
    kmsKeyId: z.string(),
    logGroupClass: z.string(),
    dataProtectionStatus: z.string(),
    inheritedProperties: z.array(z.string()),
  })
  .partial();

export type LogGroup = z.output<typeof logGroupShape>;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_SubscriptionFilter.html */
export const subscriptionFilterShape = z
  .object({ filterName: z.string(), filterPattern: z.string(), destinationArn: z.string() })
  .partial();

export type SubscriptionFilter = z.output<typeof subscriptionFilterShape>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
export const metricAlarmShape = z
  .object({
    AlarmName: z.string(),
    AlarmArn: z.string(),
    StateValue: z.string(),
    StateReason: z.string(),
    ActionsEnabled: z.boolean(),
    AlarmActions: z.array(z.string()),
  })
  .partial();

export type MetricAlarm = z.output<typeof metricAlarmShape>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html */
export const metricDataResultShape = z
  .object({
    /** The name of the log group or metric. */
    Label: z.string(),
    /** The n-th timestamp belongs to the n-th value. */
    Timestamps: z.array(z.iso.datetime()),
    Values: z.array(z.number()),
    /**
     * `Complete`; `PartialData` before the last page; `InternalError` and `Forbidden` without
     * values.
     */
    StatusCode: z.string(),
  })
  .partial();

export type MetricDataResult = z.output<typeof metricDataResultShape>;

/**
 * StartQuery's answer: the query's id, or why it was refused.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export const startedQueryShape = z.union([
  z.object({ queryId: z.string() }),
  /** The message of MalformedQueryException. */
  z.object({ refused: z.string() }),
]);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
export const queryEndShape = z.object({
  /** `Scheduled` and `Running`: the query did not end before the doctor's deadline. */
  status: z.string(),
  statistics: z.object({ bytesScanned: z.number() }).partial().optional(),
});

export type QueryEnd = z.output<typeof queryEndShape>;

const queryTrialShape = z.object({
  kind: z.enum(['documented', 'pack', 'detection']),
  /** The ids of the detections in the text; empty for the documented query, which only counts. */
  detections: z.array(z.string()),
  start: partSchema(startedQueryShape),
  /** undefined when no query was started. */
  end: partSchema(queryEndShape).optional(),
});

export type QueryTrial = z.output<typeof queryTrialShape>;

/** The outcomes of the monitor's queries over one second of the log groups; no rows are stored. */
export const queryTrialsShape = z.object({
  /** The start of that second. */
  startEpochMs: z.number(),
  trials: z.array(queryTrialShape),
  /** Detections that were not tried alone, although the pack did not work: there are too many. */
  notTried: z.array(z.string()),
});

export type QueryTrials = z.output<typeof queryTrialsShape>;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html */
export const trailShape = z
  .object({
    Name: z.string(),
    TrailARN: z.string(),
    HomeRegion: z.string(),
    IsMultiRegionTrail: z.boolean(),
    IsOrganizationTrail: z.boolean(),
  })
  .partial();

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html */
export const trailStatusShape = z
  .object({ IsLogging: z.boolean(), LatestDeliveryError: z.string() })
  .partial();

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html */
export const eventSelectorsShape = z
  .object({
    EventSelectors: z.array(
      z
        .object({
          ReadWriteType: z.string(),
          IncludeManagementEvents: z.boolean(),
          ExcludeManagementEventSources: z.array(z.string()),
          DataResources: z.array(
            z.object({ Type: z.string(), Values: z.array(z.string()) }).partial(),
          ),
        })
        .partial(),
    ),
    AdvancedEventSelectors: z.array(
      z
        .object({
          FieldSelectors: z.array(
            z
              .object({
                Field: z.string(),
                Equals: z.array(z.string()),
                NotEquals: z.array(z.string()),
                StartsWith: z.array(z.string()),
                NotStartsWith: z.array(z.string()),
                EndsWith: z.array(z.string()),
                NotEndsWith: z.array(z.string()),
              })
              .partial(),
          ),
        })
        .partial(),
    ),
  })
  .partial();

export type EventSelectors = z.output<typeof eventSelectorsShape>;

export const observedTrailShape = z.object({
  trail: trailShape,
  status: partSchema(trailStatusShape),
  selectors: partSchema(eventSelectorsShape),
});

export type ObservedTrail = z.output<typeof observedTrailShape>;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html */
const trailEventShape = z
  .object({
    EventId: z.string(),
    EventName: z.string(),
    EventTime: z.iso.datetime(),
    Username: z.string(),
    /** The whole record, as JSON. */
    CloudTrailEvent: z.string(),
  })
  .partial();

export type TrailEvent = z.output<typeof trailEventShape>;

/** All `Decrypt` events of an account and Region since `sinceEpochMs`, the newest first. */
export const decryptEventsShape = z.object({
  events: z.array(trailEventShape),
  sinceEpochMs: z.number(),
});

export type DecryptEvents = z.output<typeof decryptEventsShape>;
