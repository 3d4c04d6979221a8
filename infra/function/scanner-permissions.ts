import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import { metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import { acknowledgeWildcard } from '../resources/acknowledge-wildcard.ts';

/**
 * Allows the scanner what it does with the environment that it watches, and with its own metrics.
 */
export function grantScannerPermissions(role: Role, config: EnvironmentConfig): void {
  const stack = Stack.of(role);
  const logGroupArns = logTypes.map((logType) =>
    stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: logGroupName(config.mwaaEnvironment, logType),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const streamArns = logGroupArns.map((arn) => `${arn}:*`);

  role.addToPolicy(
    new PolicyStatement({
      sid: 'QueryTheFiveLogGroups',
      actions: ['logs:StartQuery'],
      // Some calls are checked against the plain ARN, some against the one of the group's streams.
      resources: [...logGroupArns, ...streamArns],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'FollowQueriesAndFindLogGroups',
      // None of the three can be limited to a resource: a query has no ARN (GetQueryResults took a
      // log group's in one edition of the Service Authorization Reference only), and
      // DescribeLogGroups is a list.
      actions: ['logs:GetQueryResults', 'logs:StopQuery', 'logs:DescribeLogGroups'],
      resources: ['*'],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'PublishOwnMetrics',
      // PutMetricData has no resources; the namespace is its only limit.
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'SeeWhetherLogGroupsAreSilent',
      // GetMetricData has no resources nor, unlike PutMetricData, a namespace.
      actions: ['cloudwatch:GetMetricData'],
      resources: ['*'],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'SeeWhatTheEnvironmentLogs',
      actions: ['airflow:GetEnvironment'],
      resources: [
        stack.formatArn({
          service: 'airflow',
          resource: 'environment',
          resourceName: config.mwaaEnvironment,
        }),
      ],
    }),
  );
  const keysOfAccount = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  role.addToPolicy(
    new PolicyStatement({
      // AWS's documents disagree on whether a caller of Logs Insights needs this itself: the guide
      // says that CloudWatch Logs decrypts, the managed policy CloudWatchLogsAPIKeyAccess gives it
      // to callers.
      sid: 'ReadEncryptedLogsThroughCloudWatchLogs',
      actions: ['kms:Decrypt'],
      resources: [
        keysOfAccount,
        ...(config.logsKmsKeyArn === undefined ? [] : [config.logsKmsKeyArn]),
      ],
      conditions: {
        // No source says which of the two names Logs has in China; elsewhere no service has the
        // second.
        StringEquals: {
          'kms:ViaService': ['amazonaws.com', 'amazonaws.com.cn'].map(
            (domain) => `logs.${stack.region}.${domain}`,
          ),
        },
        // The context with which Logs encrypts each group: its ARN without `:*`.
        ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroupArns },
      },
    }),
  );
  acknowledgeWildcards(role, streamArns);
  acknowledgeWildcard(
    role,
    { resource: keysOfAccount },
    'Nobody knows at synthesis which key the log groups of an environment have. It may be used through CloudWatch Logs only, and for the five log groups only.',
  );
}

function acknowledgeWildcards(role: Role, streamArns: readonly string[]): void {
  for (const resource of streamArns) {
    const reason = 'The streams of one named log group: the second form of its ARN.';
    acknowledgeWildcard(role, { resource }, reason);
  }
  acknowledgeWildcard(
    role,
    { resource: '*' },
    'GetQueryResults, StopQuery, DescribeLogGroups, GetMetricData and PutMetricData cannot be limited to a resource; PutMetricData is limited to one namespace.',
  );
}
