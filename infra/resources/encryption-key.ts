import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { MonitorNames } from '../config/names.ts';
import { allowLogs } from './allow-logs.ts';

/**
 * The one key of a monitor, for its topics, its queues, its ledger and its own log group.
 *
 * A customer managed key, because CloudWatch cannot publish to a topic that is encrypted with the
 * AWS managed `alias/aws/sns`, and then fails silently.
 */
export function encryptionKey(scope: Construct, names: MonitorNames): Key {
  const key = new Key(scope, 'Key', {
    description: `Encrypts the alarms, findings, queues, ledger and logs of ${names.prefix}`,
    enableKeyRotation: true,
    // Only the last backup of the ledger outlives the stack: DynamoDB stores it for 35 days. KMS's
    // longest waiting period leaves most of that time to restore it, and costs nothing.
    removalPolicy: RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(30),
  });
  allowAlarms(key);
  allowUndeliveredTicks(key);
  allowLogs(key, 'AllowCloudWatchLogsToEncryptTheScannersLogs', names.scannerLogGroup);
  return key;
}

/**
 * Without this statement every notification of an alarm is lost, and only the alarm's history shows
 * it.
 */
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
 * EventBridge writes ticks that it could not deliver into an encrypted queue. There is no source
 * condition, since with one EventBridge was seen to drop them silently; the queue's own policy
 * names the rule.
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
