import {
  AnyPrincipal,
  Effect,
  type IRole,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Annotations, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { alarmsCondition } from '../config/key-policy.ts';
import {
  type FindingsSubscriber,
  mailSubscribers,
  type NotifyConfig,
  severitiesFrom,
} from '../config/notify-config.ts';
import type { MonitorNames } from '../naming/names.ts';
import { existingTopic } from './existing-topic.ts';

interface NotificationsProps {
  readonly names: MonitorNames;
  readonly key: IKey;
  readonly notify: NotifyConfig;
}

/** Where messages go; one and the same topic if there is an existing one for both. */
interface MonitorTopics {
  readonly alarms: ITopic;
  readonly findings: ITopic;
  /** For Amazon Q Developer in chat applications. */
  readonly chat: Topic | undefined;
}

/** The topics of the alarms and of the findings, with the mails that are subscribed to them. */
export function monitorTopics(scope: Construct, props: NotificationsProps): MonitorTopics {
  const { notify } = props;
  const subscribers = mailSubscribers(notify);
  warnOfNobody(scope, notify, subscribers);
  if (notify.existingTopicArn !== undefined) {
    const topic = existingTopic(scope, props.names, notify.existingTopicArn, {
      kmsKeyArn: notify.existingTopicKmsKeyArn,
      subscribers,
    });
    return { alarms: topic, findings: topic, chat: chatTopic(scope, props) };
  }
  const alarms = alarmTopic(scope, props);
  for (const address of subscribers.alarms) alarms.addSubscription(new EmailSubscription(address));
  const findings = findingsTopic(scope, props);
  for (const one of subscribers.findings) findings.addSubscription(mailOfFindings(one));
  return { alarms, findings, chat: chatTopic(scope, props) };
}

/**
 * The topic that Amazon Q Developer in chat applications subscribes to: its messages have a form of their
 * own, which no other subscriber reads.
 */
function chatTopic(
  scope: Construct,
  { names, key, notify }: NotificationsProps,
): Topic | undefined {
  if (!notify.chat) return undefined;
  return new Topic(scope, 'ChatTopic', {
    displayName: names.findingsTopicDisplayName,
    masterKey: key,
    enforceSSL: true,
  });
}

/** Who asks for a severity gets a digest when one of its findings has it. */
function mailOfFindings({ address, minSeverity }: FindingsSubscriber): EmailSubscription {
  if (minSeverity === undefined) return new EmailSubscription(address);
  const allowlist = severitiesFrom(minSeverity);
  const severity = SubscriptionFilter.stringFilter({ allowlist });
  return new EmailSubscription(address, { filterPolicy: { severity } });
}

/** Other ways than mails may reach somebody: an existing topic, or rules on the event bus. */
function warnOfNobody(
  scope: Construct,
  { existingTopicArn, eventBus, chat }: NotifyConfig,
  { findings, alarms }: ReturnType<typeof mailSubscribers>,
): void {
  if (existingTopicArn !== undefined) return;
  const unheard = [
    ...(findings.length === 0 && eventBus === false && !chat ? ['findings'] : []),
    ...(alarms.length === 0 ? ['alarms'] : []),
  ];
  if (unheard.length === 0) return;
  Annotations.of(scope).addWarningV2(
    'mwaa-privilege-monitor:no-subscriber',
    `Nobody is notified of ${unheard.join(' and ')}: add an address to notify.email, or give -c email=…`,
  );
}

/**
 * The topic of the alarms: encrypted, over TLS only, open to this monitor's alarms. Nobody can publish
 * in their place: a request of a person or a role has no source, and is denied even if IAM allows it.
 * Administering the topic is not denied to anybody.
 */
function alarmTopic(scope: Construct, { names, key }: NotificationsProps): Topic {
  const topic = new Topic(scope, 'AlarmTopic', {
    displayName: names.topicDisplayName,
    masterKey: key,
    enforceSSL: true,
  });

  // A topic policy replaces the default one, which lets the whole account publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowAlarmsOfThisMonitor',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: alarmsCondition(Stack.of(scope), names),
    }),
  );
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'DenyPublishingWithoutASource',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { Null: { 'aws:SourceArn': 'true' } },
    }),
  );
  return topic;
}

/**
 * The topic of the findings: encrypted, over TLS only. Its policy allows nobody, and replaces the
 * default one: only a role of this account with the permission can publish, and all but the scanner's
 * are denied ({@link denyOtherPublishers}).
 */
function findingsTopic(scope: Construct, { names, key }: NotificationsProps): Topic {
  return new Topic(scope, 'FindingsTopic', {
    displayName: names.findingsTopicDisplayName,
    masterKey: key,
    enforceSSL: true,
  });
}

/**
 * Denies publishing to everybody but the publisher, administrators included: nobody else can forge a
 * finding without first changing this policy, which CloudTrail records. The policy of an existing topic
 * is its owner's.
 */
export function denyOtherPublishers(topic: ITopic, publisher: IRole): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'DenyPublishingByOthers',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      // For a session of a role this is the role's ARN.
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': publisher.roleArn } },
    }),
  );
}
