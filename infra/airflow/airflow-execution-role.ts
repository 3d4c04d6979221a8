import {
  CompositePrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { acknowledgeWildcard } from '../resources/resources.ts';

/**
 * Airflow's connections and variables are in Secrets Manager: authors of DAGs can read them, but
 * not change them.
 * https://docs.aws.amazon.com/mwaa/latest/userguide/connections-secrets-manager.html
 *
 * The prefix contains the environment's name, so that no environment reads another team's secrets.
 */
function secretsPrefix(mwaaEnvironment: string): string {
  return `airflow/${mwaaEnvironment}`;
}

/** The options of airflow.cfg that make Secrets Manager the backend. */
export function secretsBackend(mwaaEnvironment: string): Record<string, string> {
  const prefix = secretsPrefix(mwaaEnvironment);
  return {
    'secrets.backend': 'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
    'secrets.backend_kwargs': JSON.stringify({
      connections_prefix: `${prefix}/connections`,
      variables_prefix: `${prefix}/variables`,
    }),
  };
}

/** The resources that an execution role works with. */
interface ExecutionScope {
  readonly mwaaEnvironment: string;
  readonly bucketArn: string;
  readonly keyArn: string;
}

/** The ARNs and ARN patterns in an execution role's policy. */
function executionArns(stack: Stack, scope: ExecutionScope) {
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
function executionStatements(
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

/**
 * The role that every DAG runs as: what it may do, every author of a DAG may do.
 *
 * Its policy is inline, so that it exists as soon as the role does and the environment finds it
 * complete.
 */
export function executionRole(scope: Construct, reach: ExecutionScope): Role {
  const stack = Stack.of(scope);
  const arns = executionArns(stack, reach);
  // Only for this environment of this account, against the confused deputy:
  // https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html
  const conditions = {
    StringEquals: { 'aws:SourceAccount': stack.account },
    ArnLike: { 'aws:SourceArn': arns.environment },
  };
  const role = new Role(scope, 'ExecutionRole', {
    description: `Every DAG of MWAA environment ${reach.mwaaEnvironment} acts as this role`,
    assumedBy: new CompositePrincipal(
      ...['airflow.amazonaws.com', 'airflow-env.amazonaws.com'].map(
        (service) => new ServicePrincipal(service, { conditions }),
      ),
    ),
    inlinePolicies: {
      Execution: new PolicyDocument({ statements: executionStatements(stack, arns) }),
    },
  });

  for (const action of ['s3:GetObject*', 's3:GetBucket*', 's3:List*', 'kms:GenerateDataKey*']) {
    acknowledgeWildcard(role, { action }, 'As MWAA documents it, on one bucket or key.');
  }
  for (const [resource, reason] of [
    [arns.objects, 'Every object of the one bucket.'],
    [arns.logGroups, "The environment's log groups, which share a prefix."],
    [arns.queues, "The queue is named by MWAA, in an account of MWAA's."],
    [arns.secrets, "The environment's secrets, which share a prefix."],
    ['*', 'These three actions know no resource.'],
  ] as const) {
    acknowledgeWildcard(role, { resource }, reason);
  }
  return role;
}
