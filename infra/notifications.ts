import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Annotations, ArnFormat, Aws, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { MonitorNames } from './names.ts';

export interface NotificationsProps {
  readonly names: MonitorNames;
  readonly key: IKey;
  /** Addresses that get every alarm, once they have confirmed. */
  readonly emails: readonly string[];
}

/** The topic that every alarm rings on: encrypted, over TLS only, open to this monitor's alarms. */
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

  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  if (emails.length === 0) {
    Annotations.of(topic).addWarningV2(
      'mwaa-privilege-monitor:no-subscriber',
      'Nobody is told when an alarm rings: add an address to notify.email, or give -c email=…',
    );
  }
  return topic;
}
