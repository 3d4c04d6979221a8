import { DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { fleetNamesFor } from '../../../infra/naming/names.ts';
import type { Clients } from '../local-aws/clients.ts';
import type { Stage } from '../stage.ts';
import { destroy } from './deploy.ts';

const { stack: sharedStack } = fleetNamesFor({});

/** `cdk destroy` must leave the keys only, which AWS deletes 30 days later. */
export async function destroyMonitors(
  stage: Stage,
  assembly: string,
  stacks: readonly string[],
): Promise<void> {
  const { checks } = stage;
  checks.step('destroy', 'cdk destroy removes a monitor and what the monitors share');
  await destroy(stage, assembly, [...stacks, sharedStack]);
  await checkNothingLeft(stage);
}

export async function checkNothingLeft({ checks, clients }: Stage): Promise<void> {
  checks.none('nothing of the monitor is left but its key', await leftovers(clients));
  checks.none('each key waits for its deletion', await usableKeys(clients));
}

/** What exists of the types that a monitor consists of; the rehearsal itself makes only `inbox-` queues. */
async function leftovers(clients: Clients): Promise<string[]> {
  const { Functions = [] } = await clients.lambda.send(new ListFunctionsCommand({}));
  const { MetricAlarms = [] } = await clients.cloudWatch.send(new DescribeAlarmsCommand({}));
  const { DashboardEntries = [] } = await clients.cloudWatch.send(new ListDashboardsCommand({}));
  const { TableNames = [] } = await clients.dynamo.send(new ListTablesCommand({}));
  const { Topics = [] } = await clients.sns.send(new ListTopicsCommand({}));
  const { Rules = [] } = await clients.events.send(new ListRulesCommand({}));
  const { QueueUrls = [] } = await clients.sqs.send(new ListQueuesCommand({}));
  const { logGroups = [] } = await clients.logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/mwaa-privilege-monitor/' }),
  );
  return [
    ...Functions.map(({ FunctionName }) => `function ${FunctionName}`),
    ...MetricAlarms.map(({ AlarmName }) => `alarm ${AlarmName}`),
    ...DashboardEntries.map(({ DashboardName }) => `dashboard ${DashboardName}`),
    ...TableNames.map((name) => `table ${name}`),
    ...Topics.map(({ TopicArn }) => `topic ${TopicArn}`),
    ...Rules.map(({ Name }) => `rule ${Name}`),
    ...QueueUrls.filter((url) => !url.includes('/inbox-')).map((url) => `queue ${url}`),
    ...logGroups.map(({ logGroupName }) => `log group ${logGroupName}`),
  ];
}

async function usableKeys({ kms }: Clients): Promise<string[]> {
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  const states: string[] = [];
  for (const { KeyId } of Keys) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.KeyState !== 'PendingDeletion')
      states.push(`${KeyId} ${KeyMetadata?.KeyState}`);
  }
  return states;
}
