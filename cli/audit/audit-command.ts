import { Command, InvalidArgumentError, Option } from 'commander';
import { severities } from '../../lambda/model/severity.ts';
import { envOption, profileOption, regionOption } from '../common/named-environment.ts';
import { parsePrice, prices } from '../common/prices.ts';
import { parseDuration, parseTime } from '../common/time-options.ts';
import type { AuditOptions } from './audit-range.ts';

type AuditCommandOptions = Omit<AuditOptions, 'json' | 'yes' | 'timer'> & {
  readonly json?: boolean;
  readonly yes?: boolean;
};

const examples = `
Examples:
  $ npx privilege-monitor audit --env prod-airflow --last 90d --state prod-airflow.audit.json
  $ npx privilege-monitor audit --env prod-airflow --from 2026-11-01 --to 2026-11-08 --profile audit
  $ npx privilege-monitor audit --env prod-airflow --yes --json | jq 'select(.severity == "critical")'

It reads the environment's own log groups in CloudWatch Logs Insights with your credentials and
changes nothing; docs/audit-policy.json is the IAM policy for all its calls. It first shows how many
bytes it will scan and what that costs, and asks for confirmation. With --state, the same command
continues a stopped one; the file has redacted lines of findings and no other log text. See docs/audit.md.

Exit code 2 for bad input, when it was stopped, or when something could not be read (findings are printed
nevertheless); otherwise 1 if there is a finding at --alert-at or above, and 0 if there is none.`;

/** @param parts other parts than those of an audit of AWS, for tests */
export function auditCommand(parts: Pick<AuditOptions, 'timer'> = {}): Command {
  return new Command('audit')
    .description('find past privilege changes with Logs Insights in AWS (reads AWS)')
    .addOption(envOption())
    .addOption(regionOption())
    .addOption(profileOption())
    .option(
      '--last <duration>',
      'how far back to read, such as 12h or 90d (default: 30d)',
      parseDuration,
    )
    .option('--from <time>', 'first second to read, such as 2026-11-22T05:47:00Z', parseTime)
    .option('--to <time>', 'last second to read, inclusive (default: now)', parseTime)
    .option('--state <file>', 'store progress in this file, and continue from it')
    .option(
      '--slice <duration>',
      'how much time one query covers, such as 1h or 1d; does not change the findings',
      parseDuration,
    )
    .option(
      '--concurrency <number>',
      'concurrent queries, of the 100 that an account may run',
      parseConcurrency,
      10,
    )
    .addOption(
      new Option('--patience <duration>', 'how long to wait while AWS refuses every call')
        .argParser(parseDuration)
        .default(parseDuration('5m'), '5m'),
    )
    .option(
      '--price-per-gb <usd>',
      'price of Logs Insights per GB scanned in the Region',
      parsePrice,
      prices.scannedGb.usd,
    )
    .addOption(
      new Option(
        '--alert-at <severity>',
        "lowest severity that makes the exit code 1 (default: the environment's, or medium)",
      ).choices(severities),
    )
    .option('--yes', 'do not ask before scanning')
    .option('--json', 'print each finding as one line of JSON')
    .addHelpText('after', examples)
    .action((options: AuditCommandOptions) => runAudit(options, parts));
}

async function runAudit(
  { json = false, yes = false, ...options }: AuditCommandOptions,
  parts: Pick<AuditOptions, 'timer'>,
): Promise<void> {
  // Loading the clients is slow: only this command needs them.
  const { showAudit } = await import('./show-audit.ts');
  process.exitCode = await showAudit({ ...options, ...parts, json, yes });
}

function parseConcurrency(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 100) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
  }
  return number;
}
