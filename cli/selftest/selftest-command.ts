import { Command, Option } from 'commander';
import { profileOption } from '../common/named-environment.ts';
import { checkedRegion } from '../common/region.ts';
import type { SelftestTime } from './show-selftest.ts';

interface SelftestCommandOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor selftest --region eu-west-1 --profile sandbox
  $ npx privilege-monitor selftest --yes --json > selftest.json

It creates five log groups privilege-monitor-selftest-<id>-*, puts about 500 events into them, reads them
with the deployed function's own code, compares, and deletes the groups, even after Ctrl+C. It takes one
to four minutes and costs less than a cent. It does not need an MWAA environment and changes nothing else.
docs/selftest-policy.json is the IAM policy for all its calls; docs/selftest.md explains what a difference
means. The JSON (cli/selftest/report.schema.json) does not contain the account.

Exit code 0 if AWS behaves as the monitor expects, 1 if something differs; 2 if it could not run, or log
groups could not be deleted.`;

/** @param time replaces this machine's clock and timer, for tests */
export function selftestCommand(time?: SelftestTime): Command {
  return new Command('selftest')
    .description("test the scan with this account's Logs Insights, in temporary log groups")
    .addOption(
      new Option('--region <region>', 'Region to test in (default: of the AWS CLI)').argParser(
        checkedRegion,
      ),
    )
    .addOption(profileOption())
    .option('--keep', 'do not delete the log groups')
    .option('--json', 'print the report as JSON')
    .option('--yes', 'do not ask before creating the log groups')
    .addHelpText('after', examples)
    .action((options: SelftestCommandOptions) => selftest(options, time));
}

async function selftest(options: SelftestCommandOptions, time?: SelftestTime): Promise<void> {
  const { region, profile, keep = false, json = false, yes = false } = options;
  // Loading the clients is slow: only this command needs them.
  const { showSelftest } = await import('./show-selftest.ts');
  const isOk = await showSelftest({ region, profile, keep, json, yes }, time);
  if (!isOk) process.exitCode = 1;
}
