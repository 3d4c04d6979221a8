import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { firstCallError } from '../shared/aws-failure.ts';
import { UserError } from '../shared/user-error.ts';

/** What a test needs to know about a deployed monitor. */
export interface DeployedMonitor {
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** The name of the MWAA environment. */
  readonly environment: string;
  readonly findingsTopicArn: string;
  readonly alarmTopicArn: string;
  readonly testAlarm: string;
}

const outputKeys = ['FindingsTopicArn', 'AlarmTopicArn', 'TestAlarmName'] as const;

/**
 * Finds a monitor by the outputs of its stack.
 *
 * @param account the account in the environment's file
 * @throws UserError when there is no such stack, it lacks outputs, it is in another account than
 *   the file says, or AWS cannot be called
 */
export async function findMonitor(
  client: Pick<CloudFormationClient, 'send'>,
  stack: string,
  account: string | undefined,
): Promise<DeployedMonitor> {
  const { outputs, id } = await describeStack(client, stack);
  const missing = outputKeys.filter((key) => outputs.get(key) === undefined);
  if (missing.length > 0) {
    throw new UserError(
      `stack ${stack} has no output ${missing.join(', ')}: it was deployed by another version; run npx cdk deploy ${stack}`,
    );
  }
  const [findingsTopicArn = '', alarmTopicArn = '', testAlarm = ''] = outputKeys.map((key) =>
    outputs.get(key),
  );
  const [, , , region = '', owner = ''] = id.split(':');
  if (account !== undefined && account !== owner) {
    throw new UserError(
      `these credentials are for account ${owner}, which has stack ${stack}; the environment's file says account ${account}`,
    );
  }
  const environment = /^mwaa-privilege-monitor-(.+)-test$/.exec(testAlarm)?.[1] ?? stack;
  return {
    ...{ stack, account: owner, region, environment },
    ...{ findingsTopicArn, alarmTopicArn, testAlarm },
  };
}

async function describeStack(client: Pick<CloudFormationClient, 'send'>, stack: string) {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const [found] = Stacks ?? [];
    return {
      id: found?.StackId ?? '',
      outputs: new Map(
        found?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
      ),
    };
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new UserError(
        `there is no stack ${stack} in this account and Region; deploy it first: npx cdk deploy ${stack}`,
        { cause: error },
      );
    }
    throw firstCallError(error, 'cloudformation:DescribeStacks');
  }
}
