import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { readEnvironmentFile } from '../../infra/config/environment-config.ts';
import { stackName } from '../../infra/config/names.ts';
import { visibleText } from '../../local/visible-text.ts';
import { InputError } from '../../queries/tools/checked-yaml.ts';
import { countOf, UserError } from '../shared/output.ts';
import type { Step } from './judge-history.ts';
import { type DeployedMonitor, findMonitor, testNotifications } from './test-notifications.ts';

const environmentsFolder = fileURLToPath(new URL('../../environments', import.meta.url));

interface ShowSendTestOptions {
  /** The name of the environment's file, or of the MWAA environment. */
  readonly name: string;
  /** The AWS CLI profile. @default AWS_PROFILE, or the default profile */
  readonly profile: string | undefined;
  /** Print only the steps, as JSON. */
  readonly json: boolean;
}

/**
 * Tests the notifications of a deployed monitor, and prints the steps.
 *
 * @returns whether every step succeeded
 * @throws UserError when no monitor is found; nothing was published then
 */
export async function showSendTest({ name, profile, json }: ShowSendTestOptions): Promise<boolean> {
  const { account, region } = placeOf(name);
  const access = profile === undefined ? {} : { profile };
  const monitor = await findMonitor(
    new CloudFormationClient({ ...access, ...(region !== undefined && { region }) }),
    stackName('MonitorStack', name),
    account,
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
  if (json) console.log(JSON.stringify({ schema: 1, ok, ...monitor, steps }, null, 2));
  else console.log(ok ? 'Both have been sent; check that they arrived.' : lastLine(steps));
  return ok;
}

/** @throws UserError for a name that no stack can have, or a malformed file */
function placeOf(name: string): { readonly account?: string; readonly region?: string } {
  if (!/^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/.test(name)) {
    throw new UserError(
      `--env: must begin with a letter and have at most 80 letters, digits, "-" and "_" (got "${name}")`,
    );
  }
  const path = ['yaml', 'yml']
    .map((extension) => join(environmentsFolder, `${name}.${extension}`))
    .find((file) => existsSync(file));
  if (path === undefined) return {};
  try {
    const { account, region } = readEnvironmentFile(path, relative(process.cwd(), path)).config;
    return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new UserError(error.message, { cause: error });
  }
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
