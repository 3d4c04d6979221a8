import { environmentSchema } from '../../infra/config/environment-config.ts';
import { namesFor } from '../../infra/naming/names.ts';
import { scannedGbUsd } from '../../infra/watch/scan-price.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { findEnvironment } from '../common/named-environment.ts';
import { UserError } from '../common/output.ts';
import { priceRegion, prices } from '../common/prices.ts';
import type { CostOptions } from './cost-options.ts';
import { type Amount, type DailyLogs, monitorScan } from './daily-scan.ts';
import { type Bill, bills, breakEvenGb, daysOfMonth, watchedDetections } from './monthly-cost.ts';
import { type StackResources, stackResources } from './stack-resources.ts';
import { synthesizedMonitor } from './synthesized-monitor.ts';
import { assumed } from './tick-usage.ts';

/** What a month costs, and what that is computed from. */
export interface CostEstimate {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** The file that configures it; undefined where the settings are the defaults. */
  readonly file: string | undefined;
  readonly everyMinutes: number;
  readonly logs: DailyLogs;
  /** The Region of the price of Logs Insights, or `--price-per-gb`. */
  readonly scanPriceOf: string;
  readonly scans: readonly {
    readonly lane: string;
    readonly queries: number;
    readonly gb: Amount;
  }[];
  readonly bills: readonly [Bill, Bill, Bill];
  readonly resources: StackResources;
  /** What the reader has to know; the first ones are what needs a decision. */
  readonly notes: readonly string[];
}

/**
 * Estimates what the monitor of an environment costs in a month.
 *
 * @throws UserError, InputError for bad input
 */
export function estimateCost(options: CostOptions): CostEstimate {
  const { env, gbPerDay: logs, region } = options;
  const { mwaaEnvironment, file, config: given } = findEnvironment(env, region);
  const config = given ?? environmentSchema.parse({ mwaaEnvironment });
  const detections = loadDetections();
  const scanPrice = scanPriceFor(options, config.region);
  const resources = stackResources(
    synthesizedMonitor(config, detections),
    namesFor(mwaaEnvironment).prefix,
  );
  const all = bills({ config, logs, detections, resources, scannedGbUsd: scanPrice.usd });
  const [monitor, logAlarms] = all;
  const hasPack = watchedDetections(config, detections).length > 0;
  return {
    ...{ environment: mwaaEnvironment, file, everyMinutes: config.everyMinutes, logs },
    ...{ scanPriceOf: scanPrice.of, bills: all, resources },
    scans: [...monitorScan(config, logs, hasPack)].map(([lane, scan]) => ({ lane, ...scan })),
    notes: [
      ...budgetNote(monitor.scannedGbPerDay.most, config.scannedGbPerDayMax),
      ...(scanPrice.note === undefined ? [] : [scanPrice.note]),
      ...breakEvenNote(breakEvenGb(monitor, logAlarms, logs.gb)),
      ...(file === undefined ? [] : [sharedDashboardNote]),
      ...lookbackNote(config.initialLookbackHours, logs.gb * scanPrice.usd),
      `A month has ${daysOfMonth} days, a GB 10^9 bytes. Free tiers, discounts and taxes are left out, and so are mails (2 USD for 100,000), queries that people run, and the rotation of the key (1 USD a month more after each of the first two).`,
      `Where the documented query counts lines, it asks once more for the second at the slice's end, and seldom for the whole slice. A log group that cannot be read, or a query that fails, is asked again: DailyBytesScanned counts that, this estimate does not.`,
      `Assumed: a run takes ${assumed.runSeconds} s and the ${config.delaySeconds} s that it waits, and ${assumed.keyRequestsPerTick} requests of the key.`,
      ...(config.witness === undefined ? [] : [witnessNote(config.witness.vpc !== undefined)]),
      'A LogAlarm reads each span once: a line that comes later is never found, nothing in its settings makes up for a failed run, and lines that belong together stay apart.',
      'Of the metric filters of a log group, five may have regular expressions, with two each: the detections need more. Their alarms show no line.',
    ],
  };
}

interface ScanPrice {
  readonly usd: number;
  readonly of: string;
  readonly note?: string;
}

/** @param ofFile the Region in the environment's file */
function scanPriceFor(
  { region, pricePerGb }: Pick<CostOptions, 'region' | 'pricePerGb'>,
  ofFile: string | undefined,
): ScanPrice {
  if (pricePerGb !== undefined) return { usd: pricePerGb, of: '--price-per-gb' };
  const place = region ?? ofFile;
  const known = Object.keys(scannedGbUsd).join(', ');
  if (place === undefined) {
    const note = `These are the prices of ${priceRegion}; others differ: give --region (${known}) or --price-per-gb.`;
    return { usd: prices.scannedGb.usd, of: priceRegion, note };
  }
  const usd = Object.entries(scannedGbUsd).find(([name]) => name === place)?.[1];
  if (usd !== undefined) {
    const rest = `all other prices are those of ${priceRegion}, which differ little or not at all`;
    const note = `The price of Logs Insights is that of ${place}; ${rest}.`;
    return { usd, of: place, ...(place !== priceRegion && { note }) };
  }
  const unknown = `the price of Logs Insights in ${place} is not known here (${known} are): give --price-per-gb, from ${prices.scannedGb.source}`;
  if (region !== undefined) throw new UserError(`--region: ${unknown}`);
  return {
    usd: prices.scannedGb.usd,
    of: priceRegion,
    note: `These are the prices of ${priceRegion}; ${unknown}.`,
  };
}

/** How far the budget of a day may be above the estimate, if it is to be suggested. */
const budgetMargin = 1.5;

function budgetNote(scannedGbPerDay: number, scannedGbPerDayMax: number): string[] {
  if (scannedGbPerDay <= scannedGbPerDayMax) return [];
  const enough = Math.ceil(scannedGbPerDay * budgetMargin);
  return [
    `The alarm daily-bytes would ring on every day: scannedGbPerDayMax is ${scannedGbPerDayMax}. Set it to ${enough}, half as much again as this estimate.`,
  ];
}

const sharedDashboardNote = `The dashboard of the stack MonitorFleet, ${prices.dashboard.usd} USD a month, is one for all environments of the account and Region.`;

function breakEvenNote(gb: Amount | undefined): string[] {
  if (gb === undefined) return [];
  const [least, most] = [gb.least.toFixed(1), gb.most.toFixed(1)];
  const range = least === most ? least : `${least} to ${most}`;
  return [`Below ${range} GB of logs a day, the LogAlarms cost less than this monitor.`];
}

function witnessNote(isInVpc: boolean): string {
  const endpoint = isInVpc
    ? ' The endpoint airflow.env of its VPC, about 7 USD a month and zone, is left out: the VPC may have it already.'
    : '';
  return `Assumed: a run of the second witness takes ${assumed.witnessRunSeconds} s. No price of InvokeRestApi is known.${endpoint}`;
}

function lookbackNote(hours: number, usdOfDay: number): string[] {
  if (hours === 0) return [];
  // The sweeps read nothing before the first scan.
  const usd = (2 * hours * usdOfDay) / 24;
  return [
    `initialLookbackHours: the first scans read ${hours} hours twice, which costs ${usd.toFixed(2)} USD once.`,
  ];
}
