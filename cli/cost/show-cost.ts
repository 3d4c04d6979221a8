import Table from 'cli-table3';
import { jsonText } from '../common/output.ts';
import { type Price, prices } from '../common/prices.ts';
import type { CostOptions } from './cost-options.ts';
import { type Amount, sumOf } from './daily-scan.ts';
import { type CostEstimate, estimateCost } from './estimate-cost.ts';
import { type Bill, isScan } from './monthly-cost.ts';
import type { StackResources } from './stack-resources.ts';

/**
 * Estimates what a monitor costs in a month.
 *
 * @returns the lines to print
 * @throws UserError, InputError for bad input
 */
export function showCost(options: CostOptions): string[] {
  const estimate = estimateCost(options);
  return options.json ? [jsonText(estimateJson(estimate), 2)] : estimateText(estimate);
}

function estimateJson({ logs, ...estimate }: CostEstimate) {
  return { schema: 1, ...estimate, gbPerDay: logs };
}

/** The estimate for people. */
export function estimateText(estimate: CostEstimate): string[] {
  const { environment, file, everyMinutes, logs, scans, bills, resources, notes } = estimate;
  const settings = file === undefined ? 'the default settings' : `environments/${file}.yaml`;
  return [
    `MWAA environment ${environment} with ${settings}: ${logs.gb} GB of logs a day, a scan every ${everyMinutes} minutes.`,
    'Estimates in US dollars a month.',
    '',
    tableOf(comparisonHead, comparisonRows(bills)),
    '',
    'What this monitor scans on a day:',
    tableOf(
      ['lane', 'queries', 'GB'],
      scans.map(({ lane, queries, gb }) => [lane, number(queries), amount(gb)]),
    ),
    '',
    'Its bill:',
    tableOf(
      ['what', 'quantity', 'of', 'USD each', 'USD a month'],
      bills[0].lines.map(({ what, quantity, price, usd }) => [
        ...[what, amount(quantity), price.per, unitPrice(price), money(usd)],
      ]),
    ),
    '',
    'What its metrics and alarms add:',
    tableOf(shareHead, shareRows(resources)),
    '',
    ...notes.map((note) => `- ${note}`),
    ...sources().map((source) => `- ${source}`),
  ];
}

/** The head of the rows of {@link comparisonRows}. */
export const comparisonHead = [
  ...['way', 'queries a day', 'GB scanned a day', 'Logs Insights', 'the rest', 'USD a month'],
];

/** A row for each way to watch an environment. */
export function comparisonRows(bills: readonly Bill[]): string[][] {
  return bills.map(({ title, queriesPerDay, scannedGbPerDay, lines, usd }) => {
    const scan = sumOf(lines.filter(isScan).map((line) => line.usd));
    const rest = { least: usd.least - scan.least, most: usd.most - scan.most };
    return [
      ...[title, number(queriesPerDay), amount(scannedGbPerDay)],
      ...[money(scan), money(rest), money(usd)],
    ];
  });
}

/** The head of the rows of {@link shareRows}. */
export const shareHead = ['', 'name', 'one for each', 'count', 'USD a month'];

/** A row for each metric and each alarm of a monitor. */
export function shareRows({ metrics, alarms }: StackResources): string[][] {
  const share = (count: number, { usd }: Price) => [number(count), (count * usd).toFixed(2)];
  const each = (count: number) => (count === 1 ? 'environment' : 'log group');
  return [
    ...metrics.map(({ name, dimensions, count }) => [
      ...['metric', name, dimensions.includes('LogGroup') ? 'log group' : 'environment'],
      ...share(count, prices.customMetric),
    ]),
    ...alarms.map(({ name, count }) => [
      ...['alarm', name, each(count), ...share(count, prices.standardAlarm)],
    ]),
  ];
}

/** A sentence for each page of prices. */
function sources(): string[] {
  const bySource = Map.groupBy(Object.values<Price>(prices), ({ source }) => source);
  return [...bySource].map(
    ([source, [first]]) =>
      `Prices of ${source}, compared with what was published in ${first?.asOf}.`,
  );
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = head.map((_, column) =>
    rows.every((row) => /^[\d.,]+( to [\d.,]+)?$/.test(row[column] ?? '')),
  );
  const table = new Table({
    head: [...head],
    colAligns: isNumber.map((is) => (is ? 'right' : 'left')),
    style: { head: [], border: [] },
    // Without a line between two rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

export function amount({ least, most }: Amount): string {
  return least === most ? number(least) : `${number(least)} to ${number(most)}`;
}

/** Enough digits for GB of a small environment and for counts alike. */
function number(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 1 ? 1 : 4;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

export function money({ least, most }: Amount): string {
  const text = (usd: number) =>
    usd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return text(least) === text(most) ? text(least) : `${text(least)} to ${text(most)}`;
}

export function unitPrice({ usd }: Price): string {
  return usd.toLocaleString('en', { maximumSignificantDigits: 6 });
}
