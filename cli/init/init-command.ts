import { Command } from 'commander';
import { profileOption } from '../common/named-environment.ts';
import { UserError } from '../common/output.ts';
import { checkedRegion } from '../common/region.ts';

/** The options as they are given; without `discover` they concern one environment. */
interface InitOptions {
  readonly env?: string;
  readonly region?: readonly string[];
  readonly account?: string;
  readonly email?: string;
  readonly file?: string;
  readonly force?: boolean;
  readonly discover?: boolean;
  readonly profile?: string;
}

const examples = `
Examples:
  $ npx privilege-monitor init
  $ npx privilege-monitor init --env prod-airflow --region eu-west-1 --email oncall@example.com
  $ npx privilege-monitor init --discover --region eu-west-1 --region us-east-1 --profile ops

It writes environments/<name>.yaml, checked as by cdk synth, and replaces no file without --force. It asks
for what no option gives; if nobody can answer, because the input is no terminal, --env and --email must
be given (--email none for nobody).

--discover asks MWAA for all environments of the account in each Region (airflow:ListEnvironments and
airflow:GetEnvironment) and writes a file for each that has none. It says which log types are off.

Exit code 0; 2 for bad input, and when a Region or an environment could not be read (the files of the
others are written nevertheless).`;

export function initCommand(): Command {
  return new Command('init')
    .description('write the file of an environment, or of all in an account (reads AWS)')
    .option('--env <name>', 'name of the MWAA environment')
    .option(
      '--region <region>',
      'its Region; with --discover, give one or several',
      (text: string, before: readonly string[] = []) => [...before, checkedRegion(text)],
    )
    .option('--account <id>', 'its account, 12 digits')
    .option('--email <addresses>', 'who gets alarms and findings, joined by commas; none: nobody')
    .option('--file <name>', "name of the file and the stack, without .yaml (default: the name's)")
    .option('--force', 'replace the file if there is one')
    .option('--discover', 'find the environments in AWS')
    .addOption(profileOption())
    .addHelpText('after', examples)
    .action(init);
}

async function init(options: InitOptions): Promise<void> {
  const { discover = false, env, account, file, force, region: regions = [], profile } = options;
  if (discover) {
    const given = Object.entries({ env, account, file, force }).filter(([, value]) => value);
    const [other] = given.map(([name]) => `--${name}`);
    if (other !== undefined) {
      throw new UserError(`${other} cannot be given together with --discover`);
    }
    const { showDiscovery } = await import('./show-discovery.ts');
    process.exitCode = await showDiscovery({ regions, email: options.email, profile });
    return;
  }
  if (profile !== undefined) throw new UserError('--profile only goes with --discover');
  const [region, another] = regions;
  if (another !== undefined) {
    throw new UserError('--region: several Regions only go with --discover');
  }
  const { showInit } = await import('./show-init.ts');
  await showInit({ env, region, account, email: options.email, file, force: force ?? false });
}
