import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { allowLogs } from './allow-logs.ts';
import type { MonitorNames } from './names.ts';

/**
 * The one key of a monitor: its topics, its queues, its ledger and its own log group.
 *
 * A customer managed key, because CloudWatch cannot publish to a topic that is encrypted with the
 * AWS managed `alias/aws/sns`, and then fails without a sound.
 */
export function encryptionKey(scope: Construct, names: MonitorNames): Key {
  const key = new Key(scope, 'Key', {
    description: `Encrypts the alarms, findings, queues, ledger and logs of ${names.prefix}`,
    enableKeyRotation: true,
    // Nothing that it encrypts outlives the stack but the last backup of the ledger, which DynamoDB
    // keeps for 35 days: KMS's longest wait leaves most of them to think again, and costs nothing.
    removalPolicy: RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(30),
  });
  allowAlarms(key);
  allowUndeliveredTicks(key);
  allowLogs(key, 'AllowCloudWatchLogsToEncryptTheScannersLogs', names.scannerLogGroup);
  return key;
}

/** Without this statement every alarm's notification is lost; only the alarm's history says so. */
function allowAlarms(key: Key): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowCloudWatchAlarmsToPublish',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
}

/**
 * EventBridge writes ticks that it could not deliver into an encrypted queue. No source condition:
 * with one it was seen to drop them silently; the queue's own policy names the rule.
 */
function allowUndeliveredTicks(key: Key): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowEventBridgeToQueueUndeliveredTicks',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
    }),
  );
}
