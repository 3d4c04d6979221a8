import { Command, InvalidArgumentError, Option } from 'commander';
import { severities } from '../lambda/findings/finding.ts';
import type { AuditOptions } from './audit/audit-options.ts';
import { profileOption, regionOption } from './aws-credentials.ts';
import { parseDuration } from './duration-option.ts';
import { usdPerGb } from './prices.ts';
import { parseTime } from './time-option.ts';

type AuditCommandOptions = Omit<AuditOptions, 'json' | 'yes'> & {
  readonly json?: boolean;
  readonly yes?: boolean;
};

const examples = `
Examples:
  $ npx privilege-monitor audit --env prod-airflow --last 90d --state prod-airflow.audit.json
  $ npx privilege-monitor audit --env prod-airflow --from 2026-11-01 --to 2026-11-08 --profile audit
  $ npx privilege-monitor audit --env prod-airflow --yes --json | jq 'select(.severity == "critical")'

It reads the environment's own log groups on CloudWatch Logs Insights, with your credentials, and
changes nothing: docs/audit-policy.json is the IAM policy of all that it calls. First it says how many
bytes it will scan and what that costs, and asks. With --state the same command goes on where an earlier
one was stopped; the file holds redacted lines of findings and no other log text. See docs/audit.md.

Exit code 2 for bad input, when it was stopped, and when something could not be read: its findings are
printed all the same. Else 1 when there is a finding at --alert-at or above, and 0 when there is none.`;

export function auditCommand(): Command {
  return new Command('audit')
    .description('find privilege changes of the past, on the Logs Insights of AWS (reads AWS)')
    .requiredOption('--env <name>', 'name of the MWAA environment, or of its file in environments/')
    .addOption(regionOption())
    .addOption(profileOption())
    .option(
      '--last <duration>',
      'so much of the past, such as 12h or 90d (default: 30d)',
      parseDuration,
    )
    .option('--from <time>', 'first second read, such as 2026-11-22T05:47:00Z', parseTime)
    .option('--to <time>', 'last second read, itself included (default: now)', parseTime)
    .option('--state <file>', 'keep what is read here, and go on with what is kept here')
    .option(
      '--slice <duration>',
      'how much to read at once, such as 1h or 1d; the findings are the same',
      parseDuration,
    )
    .option(
      '--concurrency <number>',
      'queries at once, of 100 an account may run',
      parseConcurrency,
      10,
    )
    .option(
      '--patience <duration>',
      'how long to wait while AWS takes no query',
      parseDuration,
      parseDuration('5m'),
    )
    .option(
      '--price-per-gb <usd>',
      'what Logs Insights costs in the Region',
      parsePrice,
      usdPerGb.scanned,
    )
    .addOption(
      new Option(
        '--alert-at <severity>',
        "the mildest finding that makes the exit code 1 (default: the environment's, or medium)",
      ).choices(severities),
    )
    .option('--yes', 'do not ask before it scans')
    .option('--json', 'print each finding as one line of JSON')
    .addHelpText('after', examples)
    .action(runAudit);
}

async function runAudit({ json = false, yes = false, ...options }: AuditCommandOptions) {
  // The clients take their time to load.
  const { showAudit } = await import('./audit/show-audit.ts');
  process.exitCode = await showAudit({ ...options, json, yes });
}

function parseConcurrency(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 100) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
  }
  return number;
}

function parsePrice(text: string): number {
  const price = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError('It must be a price in US dollars, such as 0.005.');
  }
  return price;
}
