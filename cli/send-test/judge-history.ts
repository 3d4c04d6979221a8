import type { AlarmHistoryItem } from '@aws-sdk/client-cloudwatch';
import type { Subscription } from '@aws-sdk/client-sns';
import { awsCommand } from '../../doctor/shapes/judgement.ts';
import { type ConfiguredBy, cdkCommand, commandNote } from '../../infra/naming/cdk-commands.ts';

/** The outcome of one step of a test, for people. */
export interface Step {
  readonly step:
    | 'findings-subscriptions'
    | 'alarm-subscriptions'
    | 'publish'
    | 'ring'
    | 'alarm-action'
    | 'back-to-ok';
  readonly ok: boolean;
  /** One sentence. */
  readonly detail: string;
  /** What to do; only if the step failed. */
  readonly fix?: string;
}

/** The result of one action in an alarm's history. */
type ActionResult =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: string };

/**
 * The result of an alarm's action on a topic, from its history. Only the history shows that
 * CloudWatch could not publish: the alarm is in ALARM all the same.
 * https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 *
 * @param items newest first
 * @param afterEpochMs earlier items belong to an earlier test
 * @returns undefined while the history has no result
 */
export function actionResult(
  items: readonly AlarmHistoryItem[],
  topicArn: string,
  afterEpochMs: number,
): ActionResult | undefined {
  for (const { HistoryItemType, HistorySummary = '', HistoryData, Timestamp } of items) {
    if (HistoryItemType !== 'Action' || !names(HistorySummary, topicArn)) continue;
    if ((Timestamp?.getTime() ?? 0) <= afterEpochMs) continue;
    const data = parsed(HistoryData);
    const said = data.error ?? /Received error: (.*)$/s.exec(HistorySummary)?.[1];
    if (data.actionState === 'Failed' || /^Failed\b/.test(HistorySummary)) {
      return { kind: 'failed', error: withoutQuotes(String(said ?? HistorySummary)) };
    }
    if (data.actionState === 'Succeeded' || /^Successfully\b/.test(HistorySummary)) {
      return { kind: 'succeeded' };
    }
  }
  return undefined;
}

/** @param result undefined when the history had no result in time */
export function judgeAction(
  result: ActionResult | undefined,
  about: {
    readonly alarm: string;
    readonly environment: string;
    readonly configured: ConfiguredBy;
    readonly waitedSeconds: number;
  },
): Step {
  const step = 'alarm-action';
  const { alarm, waitedSeconds } = about;
  switch (result?.kind) {
    case 'succeeded':
      return { step, ok: true, detail: 'CloudWatch published the alarm to the alarms topic' };
    case 'failed':
      return {
        ...{ step, ok: false },
        detail: `the alarm changed to ALARM, but CloudWatch could not publish it: ${result.error}`,
        fix: fixOf(result.error, about),
      };
    default:
      return {
        ...{ step, ok: false },
        detail: `the history of ${alarm} has no action after ${waitedSeconds} s`,
        fix: `check it later: aws cloudwatch describe-alarm-history --alarm-name ${alarm} --history-item-type Action --max-records 5`,
      };
  }
}

function fixOf(
  error: string,
  { environment, configured }: { readonly environment: string; readonly configured: ConfiguredBy },
): string {
  if (/kms|encryption key/i.test(error)) {
    return `the policy of the topic's key must allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*: ${restoreText(configured)} puts the statement back`;
  }
  if (/sns:publish/i.test(error)) {
    // CloudFormation cannot read a topic's policy, so it does not see that a statement is missing.
    return `the topic's policy must allow cloudwatch.amazonaws.com sns:Publish for this alarm: npx privilege-monitor doctor --env ${environment} shows the commands that add the statement (topic-policy); no deployment does`;
  }
  return `see docs/runbooks/send-test.md; ${cdkCommand('showDrift', configured)} shows what was changed by hand`;
}

/** The command that puts back what was changed or deleted by hand. */
export function restoreText(by: ConfiguredBy): string {
  return `${cdkCommand('restore', by)}${commandNote(by)}${by.kind === 'file' ? '' : ','}`;
}

/** Whether a summary is about this topic, and not about one with the same prefix. */
function names(summary: string, topicArn: string): boolean {
  return summary.split(/\s/).some((word) => word.replace(/\.$/, '') === topicArn);
}

function parsed(data: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(data ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // The summary has the same information.
    return {};
  }
}

function withoutQuotes(text: string): string {
  return text.replace(/^"(.*)"\.?$/s, '$1');
}

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
  { topicArn, region }: { readonly topicArn: string; readonly region: string },
): Step {
  const known = subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn !== deleted);
  const pending = known.filter(({ SubscriptionArn }) => SubscriptionArn === pendingConfirmation);
  const confirmed = known.filter(({ SubscriptionArn }) => SubscriptionArn !== pendingConfirmation);
  if (known.length === 0) {
    return {
      ...{ step, ok: false },
      detail: `topic ${topic}: there are no subscriptions`,
      fix: `subscribe somebody: ${awsCommand({ region }, 'sns subscribe', `--topic-arn ${topicArn}`, '--protocol email --notification-endpoint ADDRESS')} (a deployment only subscribes addresses that are new to it, and does not see that a subscription is gone)`,
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
