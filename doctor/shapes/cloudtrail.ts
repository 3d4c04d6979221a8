import { z } from 'zod';
import { partSchema } from './part.ts';

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
export const trailEventShape = z
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
