import { Command, Option } from 'commander';
import { parsePrice } from '../common/prices.ts';
import { checkedRegion } from '../common/region.ts';
import { type CostOptions, parseGbPerDay } from './cost-options.ts';

const examples = `
Examples:
  $ npx privilege-monitor cost --env prod-airflow --gb-per-day 50
  $ npx privilege-monitor cost --env prod-airflow --gb-per-day Task=40,Scheduler=8,Worker=2
  $ npx privilege-monitor cost --env prod-airflow --gb-per-day 50 --json | jq '.bills[] | {way, usd}'

It estimates a month from the environment's file, or from the default settings if no file describes it, and
from the monitor's template. It does not call AWS. How much the log groups take in is the metric
AWS/Logs IncomingBytes (docs/cost.md shows how to read it).

It compares the monitor with one LogAlarm for each detection on the same schedule, and with metric filters.

Exit code 2 for bad input, otherwise 0.`;

export function costCommand(): Command {
  return new Command('cost')
    .description('estimate what a monitor costs in a month, beside LogAlarms and metric filters')
    .requiredOption('--env <name>', 'name of the MWAA environment, or of its file in environments/')
    .requiredOption(
      '--gb-per-day <number>',
      'GB of logs that the five log groups take in on a day, or by log type: Task=40,Scheduler=8',
      parseGbPerDay,
    )
    .addOption(
      new Option(
        '--region <region>',
        'Region of the price of Logs Insights (default: from environments/, then us-east-1)',
      ).argParser(checkedRegion),
    )
    .option(
      '--price-per-gb <usd>',
      'price of Logs Insights per GB scanned, for a Region whose price is not known here',
      parsePrice,
    )
    .option('--json', 'print the estimate as JSON')
    .addHelpText('after', examples)
    .action(runCost);
}

async function runCost(options: CostOptions): Promise<void> {
  // Loading the CDK is slow: only this command needs it.
  const { showCost } = await import('./show-cost.ts');
  for (const line of showCost(options)) console.log(line);
}
