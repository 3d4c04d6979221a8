import { Command } from 'commander';
import { profileOption } from './aws-credentials.ts';

interface SendTestOptions {
  readonly env: string;
  readonly profile?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor send-test --env prod-airflow --profile ops
  $ npx privilege-monitor send-test --env prod-airflow --json | jq '.steps[] | select(.ok | not)'

The name is that of environments/<name>.yaml, or of the MWAA environment where it was deployed without
a file. It calls AWS with your own credentials: it publishes one message, marked [TEST], to the topic
of the findings, sets the test alarm to ALARM, and reads in the alarm's history whether CloudWatch could
publish. That the monitor itself may publish to the topic is not tested. Exit code 1 when something did
not arrive.`;

export function sendTestCommand(): Command {
  return new Command('send-test')
    .description('send a test finding and ring a test alarm of a deployed monitor, by AWS')
    .requiredOption('--env <name>', 'the environment, as its stack MonitorStack-<name> is called')
    .addOption(profileOption())
    .option('--json', 'print the steps as JSON')
    .addHelpText('after', examples)
    .action(sendTest);
}

async function sendTest({ env, profile, json = false }: SendTestOptions): Promise<void> {
  const { showSendTest } = await import('./show-send-test.ts');
  if (!(await showSendTest({ name: env, profile, json }))) process.exitCode = 1;
}
