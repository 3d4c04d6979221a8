import type { Subscription } from '@aws-sdk/client-sns';
import type { Step } from './step.ts';

/** SNS returns these words instead of an ARN. */
const pendingConfirmation = 'PendingConfirmation';
const deleted = 'Deleted';

/**
 * Whether a topic has confirmed subscriptions and no pending ones. SNS silently sends nothing to a
 * pending subscription.
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 *
 * @param topic `findings` or `alarms`, for people
 */
export function judgeSubscriptions(
  step: Step['step'],
  topic: string,
  subscriptions: readonly Subscription[],
  stack: string,
): Step {
  const known = subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn !== deleted);
  const pending = known.filter(({ SubscriptionArn }) => SubscriptionArn === pendingConfirmation);
  const confirmed = known.filter(({ SubscriptionArn }) => SubscriptionArn !== pendingConfirmation);
  if (known.length === 0) {
    return {
      ...{ step, ok: false },
      detail: `topic ${topic}: there are no subscriptions`,
      fix: `add an address to notify.email and run npx cdk deploy ${stack}, or subscribe a queue, a function or a webhook`,
    };
  }
  if (pending.length > 0) {
    return {
      ...{ step, ok: false },
      detail: `topic ${topic}: ${named(pending)} ${pending.length === 1 ? 'has' : 'have'} not confirmed and receive${pending.length === 1 ? 's' : ''} nothing${confirmed.length > 0 ? `; confirmed: ${named(confirmed)}` : ''}`,
      fix: 'open the mail "AWS Notification - Subscription Confirmation" and confirm; the link is valid for two days, after that subscribe again',
    };
  }
  return { step, ok: true, detail: `topic ${topic}: ${named(confirmed)}` };
}

function named(subscriptions: readonly Subscription[]): string {
  return subscriptions
    .map(({ Protocol = 'unknown', Endpoint = 'unknown' }) => `${Protocol} ${Endpoint}`)
    .join(', ');
}
