import { Command } from 'commander';
import {
  envOption,
  profileOption,
  regionOption,
  stackOption,
} from '../common/named-environment.ts';
import { parseDuration, parseTime } from '../common/time-options.ts';
import type { FindingsOptions } from './list-findings.ts';

const examples = `
Examples:
  $ npx privilege-monitor findings --env prod-airflow --last 90d --csv > findings.csv
  $ npx privilege-monitor findings --env prod-airflow --from 2026-07-01 --to 2026-09-30 --coverage
  $ npx privilege-monitor findings --env prod-airflow --approve 0123456789abcdef0123456789abcdef

It reads the ledger of the deployed monitor with your credentials and changes nothing;
docs/findings-policy.json is the IAM policy for all its calls. The ledger stores findings, and which spans
were read, for ledgerRetentionDays (400 by default). "watched" means that the span was read while the
log group was known to be covered: no finding there means that no line matched.

Exit code 2 for bad input, or when an item of the ledger could not be read (the others are printed
nevertheless); otherwise 0.`;

export function findingsCommand(): Command {
  return new Command('findings')
    .description('list the findings of a deployed monitor, for auditors (reads AWS)')
    .addOption(envOption())
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .option('--last <duration>', 'how far back, such as 12h or 90d (default: 90d)', parseDuration)
    .option('--from <time>', 'first second, such as 2026-11-22T05:47:00Z', parseTime)
    .option('--to <time>', 'last second, inclusive (default: now)', parseTime)
    .option('--json', 'print each finding, or span, as one line of JSON')
    .option('--csv', 'print the findings as CSV')
    .option('--coverage', 'show which spans of each log group were watched, blind or lost')
    .option(
      '--approve <id>',
      'print the entry of approvedChanges that covers changes like this one',
    )
    .addHelpText('after', examples)
    .action(runFindings);
}

async function runFindings(options: FindingsOptions): Promise<void> {
  // Loading the clients is slow: only this command needs them.
  const { showFindings } = await import('./show-findings.ts');
  process.exitCode = await showFindings(options);
}
