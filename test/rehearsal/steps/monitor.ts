import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListRuleNamesByTargetCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { iso } from '../../../lambda/common/time.ts';
import type { TickReport } from '../../../lambda/tick/tick-report.ts';
import type { Clients } from '../local-aws/clients.ts';
import { type Decision, decisionsIn } from '../read/scanner-log.ts';

/** A deployed monitor, by the outputs of its stack. */
export interface Monitor {
  readonly stackName: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly functionName: string;
  readonly ruleName: string;
}

export async function deployedMonitor(clients: Clients, stackName: string): Promise<Monitor> {
  const { Stacks = [] } = await clients.cloudFormation.send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const outputs = Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
  const functionName = String(outputs.ScannerFunctionName);
  const { FunctionArn } = await clients.lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  const { RuleNames = [] } = await clients.events.send(
    new ListRuleNamesByTargetCommand({ TargetArn: FunctionArn }),
  );
  return { stackName, outputs, functionName, ruleName: String(RuleNames[0]) };
}

/** How an invocation ended. */
export interface Invocation {
  readonly report?: TickReport;
  /** What the function threw, as Lambda returns it. */
  readonly error?: string;
}

/** Invokes the function as its schedule does, and waits for its answer. */
export async function invokeTick(
  { lambda }: Clients,
  { functionName }: Monitor,
  tickEpochMs: number,
): Promise<Invocation> {
  const event = {
    ...{ version: '0', id: 'by-hand', source: 'aws.events', 'detail-type': 'Scheduled Event' },
    ...{ time: `${iso(tickEpochMs).slice(0, 19)}Z`, detail: {} },
  };
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
  );
  const text = new TextDecoder().decode(Payload);
  return FunctionError === undefined ? { report: JSON.parse(text) } : { error: text };
}

/** All that the function has logged. */
export async function decisionsOf({ logs }: Clients, { outputs }: Monitor): Promise<Decision[]> {
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({
        ...{ logGroupName: outputs.ScannerLogGroup, limit: 10_000 },
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    messages.push(...(page.events ?? []).map(({ message }) => String(message)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return decisionsIn(messages);
}
