import {
  AnyPrincipal,
  Effect,
  type IRole,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Annotations, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { alarmsCondition } from '../config/key-policy.ts';
import type { MonitorNames } from '../config/names.ts';

interface NotificationsProps {
  readonly names: MonitorNames;
  readonly key: IKey;
  /** Addresses that get every message once they have confirmed the subscription. */
  readonly emails: readonly string[];
}

/**
 * The topic of the alarms: encrypted, over TLS only, open to this monitor's alarms. Nobody can publish
 * in their place: a request of a person or a role has no source, and is denied even if IAM allows it.
 * Administering the topic is not denied to anybody.
 */
export function alarmTopic(scope: Construct, { names, key, emails }: NotificationsProps): Topic {
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

  subscribe(topic, emails);
  if (emails.length === 0) {
    Annotations.of(topic).addWarningV2(
      'mwaa-privilege-monitor:no-subscriber',
      'Nobody is notified of findings and alarms: add an address to notify.email, or give -c email=…',
    );
  }
  return topic;
}

/**
 * The topic of the findings: encrypted, over TLS only. Its policy allows nobody, and replaces the
 * default one: only a role of this account with the permission can publish, and all but the scanner's
 * are denied ({@link denyOtherPublishers}).
 */
export function findingsTopic(scope: Construct, { names, key, emails }: NotificationsProps): Topic {
  const topic = new Topic(scope, 'FindingsTopic', {
    displayName: names.findingsTopicDisplayName,
    masterKey: key,
    enforceSSL: true,
  });
  subscribe(topic, emails);
  return topic;
}

/**
 * Denies publishing to everybody but the publisher, administrators included: nobody else can forge a
 * finding without first changing this policy, which CloudTrail records.
 */
export function denyOtherPublishers(topic: Topic, publisher: IRole): void {
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

function subscribe(topic: Topic, emails: readonly string[]): void {
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
}
