import { z } from 'zod';

/**
 * `Attributes` of SNS's GetTopicAttributes: `Policy`, `KmsMasterKeyId`, `SubscriptionsConfirmed`, …
 * https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
 */
export const topicAttributesShape = z.record(z.string(), z.string());

export type TopicAttributes = z.output<typeof topicAttributesShape>;

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html */
export const subscriptionShape = z
  .object({
    /** `PendingConfirmation` until the receiver has confirmed. */
    SubscriptionArn: z.string(),
    Protocol: z.string(),
    Endpoint: z.string(),
  })
  .partial();

export type Subscription = z.output<typeof subscriptionShape>;
