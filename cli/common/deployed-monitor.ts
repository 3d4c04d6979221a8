import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  type ConfiguredBy,
  cdkCommand,
  commandNote,
  configuredBy,
} from '../../infra/naming/cdk-commands.ts';
import { monitorOutputs } from '../../infra/naming/monitor-outputs.ts';
import { namesFor, stackName } from '../../infra/naming/names.ts';
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
  /** The stack that holds it, beside whatever else. @default a stack of its own, by its name */
  readonly stack?: string | undefined;
  /** The MWAA environment that it watches. @default `name`; matters with `stack` only */
  readonly mwaaEnvironment?: string | undefined;
}

const outputKeys = [
  'FindingsTopicArn',
  'AlarmTopicArn',
  'TestAlarmName',
  'LedgerTableName',
  'ScannerFunctionName',
] as const;

/**
 * Finds a monitor by the outputs of its stack, or of the stack of an app that holds it.
 *
 * @throws UserError when there is no such stack, it lacks outputs, it watches another environment,
 *   it is in another account than the file says, or AWS cannot be called
 */
export async function findMonitor(
  client: Pick<CloudFormationClient, 'send'>,
  sought: SoughtMonitor,
): Promise<DeployedMonitor> {
  const { name, file, account, stack: givenStack, mwaaEnvironment = name } = sought;
  const stack = givenStack ?? stackName('MonitorStack', file ?? name);
  const asked: ConfiguredBy =
    givenStack === undefined ? configuredBy(name, { file }) : { kind: 'file', stack };
  const meant = givenStack === undefined ? didYouMean(name, sought.otherNames ?? []) : '';
  const described = await describeStack(
    client,
    stack,
    `${meant}; deploy it first: ${cdkCommand('deploy', asked)}`,
  );
  const { id } = described;
  const outputs = monitorOutputs(
    described.outputs,
    (value) => givenStack !== undefined && value === namesFor(mwaaEnvironment).alarms.test,
  );
  const missing = outputKeys.filter((key) => outputs.get(key) === undefined);
  if (missing.length > 0) {
    throw new UserError(
      `stack ${stack} has no output ${missing.join(', ')}: it was deployed by another version; run ${cdkCommand('deploy', asked)}${commandNote(asked)}`,
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
  if (givenStack !== undefined && environment !== mwaaEnvironment) {
    throw new UserError(
      `stack ${stack} watches MWAA environment ${environment}, not ${mwaaEnvironment}: give --env ${environment}`,
    );
  }
  const isOfTwin = environment !== name && stackName('MonitorStack', environment) === stack;
  if (file === undefined && isOfTwin) {
    throw new UserError(
      `stack ${stack} watches MWAA environment ${environment}, not ${name}: give --env ${environment}`,
    );
  }
  const configured = givenStack === undefined ? configuredBy(environment, { file, stack }) : asked;
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
      outputs: found?.Outputs ?? [],
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
