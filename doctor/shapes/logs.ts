import { z } from 'zod';

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
