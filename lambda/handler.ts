import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { limitResponses } from './aws/call-aws.ts';
import { clientConfiguration } from './aws/client-configuration.ts';
import { systemShell } from './common/system-shell.ts';
import { type RuntimeEnvironment, readRuntimeEnvironment } from './runtime-environment.ts';
import { createEntry } from './tick/create-entry.ts';

/** The SDK's clients, one set for each container. */
export function createAwsClients(access: Pick<RuntimeEnvironment, 'region' | 'credentials'>) {
  const configuration = clientConfiguration(access);
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
    ...systemShell,
  };
});
