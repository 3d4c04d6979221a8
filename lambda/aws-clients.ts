import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { limitResponses } from './aws/response-limit.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

/**
 * The SDK's clients, one set for each container.
 *
 * Region and credentials are passed in, so that the SDK reads no profile and calls no metadata
 * service. It finds the endpoint itself (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`,
 * …).
 */
export function createAwsClients({
  region,
  credentials,
}: Pick<RuntimeEnvironment, 'region' | 'credentials'>) {
  const configuration = {
    region,
    credentials,
    // One attempt: `call-aws.ts` retries what is worth retrying, within the deadline.
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
