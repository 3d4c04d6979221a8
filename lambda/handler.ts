import { randomUUID } from 'node:crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { limitResponses } from './aws/call-aws.ts';
import { systemClock, systemTimer } from './common/time.ts';
import { type RuntimeEnvironment, readRuntimeEnvironment } from './runtime-environment.ts';
import { createEntry } from './tick/create-entry.ts';

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
    events: new EventBridgeClient(configuration),
    dynamo: new DynamoDBClient(configuration),
  };
}

/** The entry of the deployed bundle. */
export const handler = createEntry(async () => {
  const { config, plan, region, credentials, mwaaEndpoint } = await readRuntimeEnvironment(
    process.env,
  );
  return {
    config,
    plan,
    ...createAwsClients({ region, credentials }),
    mwaa: { endpoint: mwaaEndpoint, region, credentials, fetch },
    clock: systemClock,
    timer: systemTimer,
    random: Math.random,
    newId: randomUUID,
    writeLine: (line) => process.stdout.write(line),
  };
});
