import { Command, Option } from 'commander';
import { checkedRegion, profileOption } from './aws-credentials.ts';
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

It makes five log groups privilege-monitor-selftest-<id>-*, puts about 500 events into them, reads them
with the deployed function's own code, compares, and deletes the groups, also after Ctrl+C. It takes one
to four minutes and costs less than a cent. No MWAA environment is needed, and nothing else is touched.
docs/selftest-policy.json is the IAM policy of all that it calls, docs/selftest.md says what a difference
means. The JSON (cli/selftest/report.schema.json) names no account.

Exit code 0 when AWS answers as the monitor relies on it, 1 when something differs; 2 when it could not
be run, or log groups could not be deleted.`;

/** @param time another than that of this machine */
export function selftestCommand(time?: SelftestTime): Command {
  return new Command('selftest')
    .description("prove the scan on this account's Logs Insights, in scratch log groups")
    .addOption(
      new Option('--region <region>', 'where; default: the Region of the AWS CLI').argParser(
        checkedRegion,
      ),
    )
    .addOption(profileOption())
    .option('--keep', 'leave the log groups, to look at them')
    .option('--json', 'print the report as JSON')
    .option('--yes', 'do not ask before anything is made')
    .addHelpText('after', examples)
    .action((options: SelftestCommandOptions) => selftest(options, time));
}

async function selftest(options: SelftestCommandOptions, time?: SelftestTime): Promise<void> {
  const { region, profile, keep = false, json = false, yes = false } = options;
  // The clients take their time to load.
  const { showSelftest } = await import('./show-selftest.ts');
  const isOk = await showSelftest({ region, profile, keep, json, yes }, time);
  if (!isOk) process.exitCode = 1;
}
