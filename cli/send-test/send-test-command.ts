import { Command } from 'commander';
import {
  envOption,
  profileOption,
  regionOption,
  stackOption,
} from '../common/named-environment.ts';

interface SendTestOptions {
  readonly env: string;
  readonly region?: string;
  readonly profile?: string;
  readonly stack?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor send-test --env prod-airflow --profile ops
  $ npx privilege-monitor send-test --env prod-airflow --json | jq '.steps[] | select(.ok | not)'

With your own credentials, it invokes the monitor's function, which publishes one message marked
[TEST] to the findings topic; nobody else may. It sets the test alarm to ALARM, and reads in the alarm's
history whether CloudWatch could publish. Exit code 1 if a step failed.`;

export function sendTestCommand(): Command {
  return new Command('send-test')
    .description('send a test finding and a test alarm of a deployed monitor (calls AWS)')
    .addOption(envOption())
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .option('--json', 'print the steps as JSON')
    .addHelpText('after', examples)
    .action(sendTest);
}

async function sendTest(options: SendTestOptions): Promise<void> {
  const { env, region, profile, stack, json = false } = options;
  const { showSendTest } = await import('./show-send-test.ts');
  const isReceived = await showSendTest({ name: env, region, profile, stack, json });
  if (!isReceived) process.exitCode = 1;
}
