import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Annotations, ArnFormat, Aws, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { MonitorNames } from '../config/names.ts';

export interface NotificationsProps {
  readonly names: MonitorNames;
  readonly key: IKey;
  /** Addresses that get every message once they have confirmed the subscription. */
  readonly emails: readonly string[];
}

/** The topic of the alarms: encrypted, over TLS only, open to this monitor's alarms. */
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
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: {
          'aws:SourceArn': Stack.of(scope).formatArn({
            service: 'cloudwatch',
            resource: 'alarm',
            resourceName: `${names.prefix}-*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
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
 * default one: only a role of this account with the permission can publish, which is the scanner's.
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

function subscribe(topic: Topic, emails: readonly string[]): void {
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
}
