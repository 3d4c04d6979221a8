import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { visibleText } from '../../local/visible-text.ts';
import { type DeployedMonitor, findMonitor } from '../common/deployed-monitor.ts';
import { findEnvironment } from '../common/named-environment.ts';
import { countOf } from '../common/output.ts';
import type { Step } from './judge-history.ts';
import { testNotifications } from './test-notifications.ts';

interface ShowSendTestOptions {
  /** The name of the environment's file, or of the MWAA environment. */
  readonly name: string;
  /** @default the one in the environment's file, or of the AWS CLI */
  readonly region: string | undefined;
  /** The AWS CLI profile. @default AWS_PROFILE, or the default profile */
  readonly profile: string | undefined;
  /** The stack that holds the monitor. @default a stack of its own */
  readonly stack: string | undefined;
  /** Print only the steps, as JSON. */
  readonly json: boolean;
}

/**
 * Tests the notifications of a deployed monitor, and prints the steps.
 *
 * @returns whether every step succeeded
 * @throws UserError when no monitor is found; nothing was published then
 */
export async function showSendTest(options: ShowSendTestOptions): Promise<boolean> {
  const { name, profile, stack, json } = options;
  const { mwaaEnvironment, file, config, otherNames } = findEnvironment(name, options.region);
  const region = options.region ?? config?.region;
  const access = profile === undefined ? {} : { profile };
  const monitor = await findMonitor(
    new CloudFormationClient({ ...access, ...(region !== undefined && { region }) }),
    { name, file, otherNames, account: config?.account, stack, mwaaEnvironment },
  );
  if (!json) console.log(monitorLine(monitor));
  const place = { ...access, region: monitor.region };
  const steps = await testNotifications(
    {
      sns: new SNSClient(place),
      lambda: new LambdaClient(place),
      cloudWatch: new CloudWatchClient(place),
      nowEpochMs: () => Date.now(),
      sleep: async (ms) => void (await sleep(ms)),
    },
    monitor,
    (step) => {
      if (!json) for (const line of stepLines(step)) console.log(line);
    },
  );
  const ok = steps.every((step) => step.ok);
  const { configured: _, ...shown } = monitor;
  if (json) console.log(JSON.stringify({ schema: 1, ok, ...shown, steps }, null, 2));
  else console.log(ok ? 'Both have been sent; check that they arrived.' : lastLine(steps));
  return ok;
}

function monitorLine({ stack, region, account, environment }: DeployedMonitor): string {
  return `monitor  ${stack} in ${region}, account ${account}, watches MWAA environment ${environment}`;
}

function stepLines({ ok, detail, fix }: Step): string[] {
  const word = ok ? paint('green', 'ok') : paint('red', 'FAILED');
  const gap = ' '.repeat(ok ? 7 : 3);
  return [
    `${word}${gap}${visibleText(detail)}`,
    ...(fix === undefined ? [] : [`${' '.repeat(9)}what to do: ${visibleText(fix)}`]),
  ];
}

function lastLine(steps: readonly Step[]): string {
  const failed = steps.filter(({ ok }) => !ok).length;
  return `${failed} of ${countOf(steps.length, 'step')} failed: notifications may not reach you.`;
}

function paint(colour: 'green' | 'red', text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
