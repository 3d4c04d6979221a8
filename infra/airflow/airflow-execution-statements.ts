import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ArnFormat, type Stack } from 'aws-cdk-lib/core';
import { metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { secretsPrefix } from './airflow-secrets.ts';

/** The resources that an execution role works with. */
export interface ExecutionScope {
  readonly mwaaEnvironment: string;
  readonly bucketArn: string;
  readonly keyArn: string;
}

/** The ARNs and ARN patterns in an execution role's policy. */
export function executionArns(stack: Stack, scope: ExecutionScope) {
  const { mwaaEnvironment, bucketArn, keyArn } = scope;
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return {
    environment: stack.formatArn({
      service: 'airflow',
      resource: 'environment',
      resourceName: mwaaEnvironment,
    }),
    bucket: bucketArn,
    objects: `${bucketArn}/*`,
    key: keyArn,
    logGroups: stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      // AWS's sample has `:` in place of the last `-`, and so matches none of the five groups.
      resourceName: `airflow-${mwaaEnvironment}-*`,
      arnFormat,
    }),
    queues: stack.formatArn({ service: 'sqs', account: '*', resource: 'airflow-celery-*' }),
    secrets: stack.formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${secretsPrefix(mwaaEnvironment)}/*`,
      arnFormat,
    }),
  };
}

/**
 * The statements that MWAA documents for an execution role with a customer managed key:
 * https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html
 *
 * The Deny on listing buckets is left out, since nothing allows it. Access to the environment's own
 * secrets is added, and a Deny that stops DAGs from publishing the monitor's metrics.
 */
export function executionStatements(
  stack: Stack,
  arns: ReturnType<typeof executionArns>,
): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'PublishTheEnvironmentsMetrics',
      actions: ['airflow:PublishMetrics'],
      resources: [arns.environment],
    }),
    new PolicyStatement({
      sid: 'ReadTheBucket',
      actions: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'],
      resources: [arns.bucket, arns.objects],
    }),
    new PolicyStatement({
      sid: 'WriteAndShowTheLogGroups',
      actions: [
        'logs:CreateLogStream',
        'logs:CreateLogGroup',
        'logs:PutLogEvents',
        'logs:GetLogEvents',
        'logs:GetLogRecord',
        'logs:GetLogGroupFields',
        'logs:GetQueryResults',
      ],
      resources: [arns.logGroups],
    }),
    new PolicyStatement({
      sid: 'WhatKnowsNoResource',
      actions: [
        'logs:DescribeLogGroups',
        's3:GetAccountPublicAccessBlock',
        'cloudwatch:PutMetricData',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'NeverWriteTheMonitorsMetrics',
      effect: Effect.DENY,
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
    }),
    new PolicyStatement({
      sid: 'ShareTheQueueOfTasks',
      actions: [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ],
      resources: [arns.queues],
    }),
    new PolicyStatement({
      sid: 'UseTheKeyThroughQueueAndBucket',
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:Encrypt'],
      resources: [arns.key],
      conditions: {
        StringEquals: {
          'kms:ViaService': [
            `sqs.${stack.region}.amazonaws.com`,
            `s3.${stack.region}.amazonaws.com`,
          ],
        },
      },
    }),
    new PolicyStatement({
      sid: 'ReadTheEnvironmentsSecrets',
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      resources: [arns.secrets],
    }),
  ];
}
