import { z } from 'zod';
import type { NotificationRecorder } from '../../notification-recorder.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation, type OperationContext } from '../protocol/operation.ts';

/** One subscription of a topic, as SNS lists it. */
export interface Subscription {
  readonly topicArn: string;
  /** `email`, `sqs`, and so on. */
  readonly protocol: string;
  readonly endpoint: string;
  /** An ARN, `PendingConfirmation` or `Deleted`. */
  readonly subscriptionArn: string;
}

export interface TopicsContext extends OperationContext {
  /** Undefined when every topic exists. */
  readonly topicArns: ReadonlySet<string> | undefined;
  readonly subscriptions: readonly Subscription[];
  readonly notifications: NotificationRecorder;
}

/**
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 *
 * Returns all subscriptions on one page.
 */
export const listSubscriptionsByTopic = defineOperation(
  'ListSubscriptionsByTopic',
  'InvalidParameter',
  z.looseObject({ TopicArn: z.string().min(1) }),
  ({ TopicArn }, { subscriptions, topicArns, place }: TopicsContext) => {
    if (topicArns && !topicArns.has(TopicArn)) {
      throw new AwsError('NotFound', 'Topic does not exist', { httpStatus: 404 });
    }
    return {
      Subscriptions: subscriptions
        .filter(({ topicArn }) => topicArn === TopicArn)
        .map(({ protocol, endpoint, subscriptionArn }) => ({
          TopicArn,
          Protocol: protocol,
          Endpoint: endpoint,
          SubscriptionArn: subscriptionArn,
          Owner: place.accountId,
        })),
    };
  },
);
