import { Command } from 'commander';
import { profileOption, stackOption } from '../common/named-environment.ts';

interface SendTestOptions {
  readonly env: string;
  readonly profile?: string;
  readonly stack?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor send-test --env prod-airflow --profile ops
  $ npx privilege-monitor send-test --env prod-airflow --json | jq '.steps[] | select(.ok | not)'

The name is that of environments/<name>.yaml, or of the MWAA environment if it was deployed without a
file. With your own credentials, it invokes the monitor's function, which publishes one message marked
[TEST] to the findings topic; nobody else may. It sets the test alarm to ALARM, and reads in the alarm's
history whether CloudWatch could publish. Exit code 1 if a step failed.`;

export function sendTestCommand(): Command {
  return new Command('send-test')
    .description('send a test finding and a test alarm of a deployed monitor (calls AWS)')
    .requiredOption(
      '--env <name>',
      'the environment, as in the name of its stack MonitorStack-<name>',
    )
    .addOption(profileOption())
    .addOption(stackOption())
    .option('--json', 'print the steps as JSON')
    .addHelpText('after', examples)
    .action(sendTest);
}

async function sendTest({ env, profile, stack, json = false }: SendTestOptions): Promise<void> {
  const { showSendTest } = await import('./show-send-test.ts');
  if (!(await showSendTest({ name: env, profile, stack, json }))) process.exitCode = 1;
}
