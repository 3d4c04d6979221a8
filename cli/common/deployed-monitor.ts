import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  type ConfiguredBy,
  cdkCommand,
  commandNote,
  configuredBy,
} from '../../infra/config/cdk-commands.ts';
import { stackName } from '../../infra/config/names.ts';
import { didYouMean } from '../../queries/tools/nearest-names.ts';
import { firstCallError } from './aws-failure.ts';
import { checkAccount } from './named-environment.ts';
import { UserError } from './output.ts';

/** What the commands need to know about a deployed monitor. */
export interface DeployedMonitor {
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** The name of the MWAA environment. */
  readonly environment: string;
  readonly configured: ConfiguredBy;
  readonly findingsTopicArn: string;
  readonly alarmTopicArn: string;
  readonly testAlarm: string;
  /** The name of its DynamoDB table. */
  readonly ledgerTable: string;
  /** The name of the function that scans: only it may publish to the findings topic. */
  readonly scannerFunction: string;
}

/** What is known of a monitor before AWS is asked. */
interface SoughtMonitor {
  /** The name of the environment's file, or of the MWAA environment. */
  readonly name: string;
  /** The name of the environment's file; undefined when there is none. */
  readonly file?: string | undefined;
  /** Names that are known, and may be meant when there is no stack of this name. */
  readonly otherNames?: readonly string[];
  /** The account in the environment's file. */
  readonly account?: string | undefined;
}

const outputKeys = [
  'FindingsTopicArn',
  'AlarmTopicArn',
  'TestAlarmName',
  'LedgerTableName',
  'ScannerFunctionName',
] as const;

/**
 * Finds a monitor by the outputs of its stack.
 *
 * @throws UserError when there is no such stack, it lacks outputs, it watches another environment,
 *   it is in another account than the file says, or AWS cannot be called
 */
export async function findMonitor(
  client: Pick<CloudFormationClient, 'send'>,
  { name, file, account, otherNames = [] }: SoughtMonitor,
): Promise<DeployedMonitor> {
  const stack = stackName('MonitorStack', file ?? name);
  const sought = configuredBy(name, { file });
  const { outputs, id } = await describeStack(
    client,
    stack,
    `${didYouMean(name, otherNames)}; deploy it first: ${cdkCommand('deploy', sought)}`,
  );
  const missing = outputKeys.filter((key) => outputs.get(key) === undefined);
  if (missing.length > 0) {
    throw new UserError(
      `stack ${stack} has no output ${missing.join(', ')}: it was deployed by another version; run ${cdkCommand('deploy', sought)}${commandNote(sought)}`,
    );
  }
  const [
    findingsTopicArn = '',
    alarmTopicArn = '',
    testAlarm = '',
    ledgerTable = '',
    scannerFunction = '',
  ] = outputKeys.map((key) => outputs.get(key));
  const [, , , region = '', owner = ''] = id.split(':');
  checkAccount(account, owner, `stack ${stack}`);
  const environment = /^mwaa-privilege-monitor-(.+)-test$/.exec(testAlarm)?.[1] ?? stack;
  const isOfTwin = environment !== name && stackName('MonitorStack', environment) === stack;
  if (file === undefined && isOfTwin) {
    throw new UserError(
      `stack ${stack} watches MWAA environment ${environment}, not ${name}: give --env ${environment}`,
    );
  }
  const configured = configuredBy(environment, { file, stack });
  return {
    ...{ stack, account: owner, region, environment, configured },
    ...{ findingsTopicArn, alarmTopicArn, testAlarm, ledgerTable, scannerFunction },
  };
}

async function describeStack(
  client: Pick<CloudFormationClient, 'send'>,
  stack: string,
  advice: string,
) {
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
      throw new UserError(`there is no stack ${stack} in this account and Region${advice}`, {
        cause: error,
      });
    }
    throw firstCallError(error, 'cloudformation:DescribeStacks');
  }
}
