import type { Subscription } from '@aws-sdk/client-sns';
import type { Step } from './step.ts';

/** SNS puts these words where an ARN would stand. */
const pendingConfirmation = 'PendingConfirmation';
const deleted = 'Deleted';

/**
 * Whether a topic has anybody who gets its messages. A subscription that waits to be confirmed gets
 * none, and SNS says nothing of it.
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 *
 * @param topic `findings` or `alarms`, for a person
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
      detail: `topic ${topic}: nobody is subscribed`,
      fix: `add an address to notify.email and run npx cdk deploy ${stack}, or subscribe a queue, a function or a webhook`,
    };
  }
  if (pending.length > 0) {
    return {
      ...{ step, ok: false },
      detail: `topic ${topic}: ${named(pending)} did not confirm and gets nothing${confirmed.length > 0 ? `; confirmed: ${named(confirmed)}` : ''}`,
      fix: 'open the mail "AWS Notification - Subscription Confirmation" and confirm; it is valid for two days, after that subscribe anew',
    };
  }
  return { step, ok: true, detail: `topic ${topic}: ${named(confirmed)}` };
}

function named(subscriptions: readonly Subscription[]): string {
  return subscriptions
    .map(({ Protocol = 'unknown', Endpoint = 'unknown' }) => `${Protocol} ${Endpoint}`)
    .join(', ');
}
