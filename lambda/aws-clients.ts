import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { limitResponses } from './response-limit.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

/**
 * The SDK's clients for a container.
 *
 * Region and credentials are given, so that the SDK looks into no profile and asks no metadata
 * service; the endpoint is left to it (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`, …).
 */
export function createAwsClients({
  region,
  credentials,
}: Pick<RuntimeEnvironment, 'region' | 'credentials'>) {
  const configuration = {
    region,
    credentials,
    // One attempt: `call-aws.ts` repeats what is worth repeating, within the deadline.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, throwOnRequestTimeout: true },
  };
  const logs = new CloudWatchLogsClient(configuration);
  limitResponses(logs);
  return {
    logs,
    cloudWatch: new CloudWatchClient(configuration),
    sns: new SNSClient(configuration),
    dynamo: new DynamoDBClient(configuration),
  };
}
