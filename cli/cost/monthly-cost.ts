import type { EnvironmentConfig } from '../../infra/config/environment-config.ts';
import { logTypes } from '../../lambda/model/log-types.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { documentedDetectionId } from '../../queries/tools/load-detections.ts';
import { type Price, prices } from '../common/prices.ts';
import {
  type Amount,
  type DailyLogs,
  exactly,
  monitorScan,
  scaled,
  separateScan,
  sumOf,
} from './daily-scan.ts';
import type { StackResources } from './stack-resources.ts';
import {
  assumed,
  metricsReadPerHour,
  sliceRecordBytesMax,
  sliceUsage,
  tickUsage,
} from './tick-usage.ts';

export const daysOfMonth = 30;
const minutesOfDay = 1440;
const hoursOfDay = 24;
const bytesOfGb = 1e9;

/** A line of a bill. */
export interface CostLine {
  readonly what: string;
  /** In the unit of the price, in a month. */
  readonly quantity: Amount;
  readonly price: Price;
  readonly usd: Amount;
}

/** One way to watch an environment, and its bill of a month. */
export interface Bill {
  readonly way: 'monitor' | 'log-alarms' | 'metric-filters';
  readonly title: string;
  readonly queriesPerDay: number;
  readonly scannedGbPerDay: Amount;
  readonly lines: readonly CostLine[];
  readonly usd: Amount;
}

/** What the bills are about. */
export interface CostSubject {
  readonly config: EnvironmentConfig;
  readonly logs: DailyLogs;
  /** All that are loaded, with those that the environment disables. */
  readonly detections: readonly Detection[];
  readonly resources: StackResources;
  /** Of the environment's Region. */
  readonly scannedGbUsd: number;
}

/** The bills of this monitor, of one LogAlarm for each detection, and of metric filters. */
export function bills(subject: CostSubject): readonly [Bill, Bill, Bill] {
  return [monitorBill(subject), logAlarmsBill(subject), metricFiltersBill(subject)];
}

function monitorBill({ config, logs, detections, resources, scannedGbUsd }: CostSubject): Bill {
  const watched = watchedDetections(config, detections);
  const scans = [...monitorScan(config, logs, watched.length > 0).values()];
  const scannedGbPerDay = sumOf(scans.map(({ gb }) => gb));
  const queriesPerDay = scans.reduce((sum, { queries }) => sum + queries, 0);
  const ticks = minutesOfDay / config.everyMinutes;
  // A tick's usage contains its first slice of the documented query, and of the scan.
  const further = queriesPerDay - ticks * Math.min(2, scans.length);
  const used = (what: 'ledgerWrites' | 'ledgerReads' | 'metricPuts' | 'logBytesMax') =>
    ticks * tickUsage[what] + further * sliceUsage[what];
  const { metrics, alarms, keys, dashboards, functionMegabytes, functionArchitecture } = resources;
  const countOf = (all: readonly { readonly count: number }[]) =>
    all.reduce((sum, { count }) => sum + count, 0);
  const gbSeconds =
    ticks * (functionMegabytes / 1024) * (config.delaySeconds + assumed.runSeconds) * daysOfMonth;
  const ledgerGb =
    (queriesPerDay * logTypes.length * sliceRecordBytesMax * config.ledgerRetentionDays) /
    bytesOfGb;
  const gbSecond = functionArchitecture === 'arm64' ? prices.armGbSecond : prices.x86GbSecond;
  const daily = (what: string, quantity: number, price: Price) =>
    line(what, exactly(quantity * daysOfMonth), price);
  const monthly = (what: string, quantity: number, price: Price) =>
    line(what, exactly(quantity), price);
  return bill('monitor', 'this monitor', { queriesPerDay, scannedGbPerDay }, [
    scanLine(scannedGbPerDay, scannedGbUsd),
    monthly('custom metrics', countOf(metrics), prices.customMetric),
    monthly('alarms', countOf(alarms), prices.standardAlarm),
    monthly('dashboard', dashboards, prices.dashboard),
    monthly('customer managed key', keys, prices.key),
    daily('requests of the key', ticks * assumed.keyRequestsPerTick, prices.keyRequest),
    monthly('function, GB-seconds', gbSeconds, gbSecond),
    daily('function, runs', ticks, prices.functionRun),
    daily('metrics put', used('metricPuts'), prices.putMetricData),
    daily('metrics read', Math.min(ticks, hoursOfDay) * metricsReadPerHour, prices.metricRead),
    daily('ledger, writes', used('ledgerWrites'), prices.ledgerWrite),
    daily('ledger, reads', used('ledgerReads'), prices.ledgerRead),
    monthly(`ledger, stored after ${config.ledgerRetentionDays} days`, ledgerGb, prices.ledgerGb),
    monthly('ledger, backup', ledgerGb, prices.ledgerBackupGb),
    daily('log of the function', used('logBytesMax') / bytesOfGb, prices.logsIngestedGb),
    ...witnessLines({ config, resources, gbSecond }),
  ]);
}

/** What the second witness costs beside its metric and its alarm; none without one. */
function witnessLines({
  config: { witness, everyMinutes },
  resources: { witnessMegabytes },
  gbSecond,
}: Pick<CostSubject, 'config' | 'resources'> & { readonly gbSecond: Price }): CostLine[] {
  if (witness === undefined || witnessMegabytes === undefined) return [];
  const runs = (minutesOfDay / witness.everyMinutes) * daysOfMonth;
  const monthly = (what: string, quantity: number, price: Price) =>
    line(what, exactly(quantity), price);
  return [
    monthly(
      'second witness, GB-seconds',
      runs * (witnessMegabytes / 1024) * assumed.witnessRunSeconds,
      gbSecond,
    ),
    monthly('second witness, runs', runs, prices.functionRun),
    monthly('second witness, writes', runs * assumed.witnessWritesPerRun, prices.ledgerWrite),
    monthly(
      'second witness, reads',
      runs * assumed.witnessReadsPerRun +
        (minutesOfDay / everyMinutes) * daysOfMonth * assumed.witnessReadsPerTick,
      prices.ledgerRead,
    ),
  ];
}

/**
 * The GB of logs a day below which another way costs less: scans cost in proportion to the logs, and the
 * rest is the same for any.
 *
 * @param gb the GB of logs a day that both bills are for
 * @returns undefined where the other way scans no more than the monitor
 */
export function breakEvenGb(monitor: Bill, other: Bill, gb: number): Amount | undefined {
  const scan = ({ lines }: Bill) => sumOf(lines.filter(isScan).map(({ usd }) => usd));
  const rest = (one: Bill) => one.usd.least - scan(one).least;
  const saved = rest(monitor) - rest(other);
  const dearer = (bound: keyof Amount) => (scan(other)[bound] - scan(monitor)[bound]) / gb;
  if (dearer('least') <= 0 || saved <= 0) return undefined;
  return { least: saved / dearer('most'), most: saved / dearer('least') };
}

/** Whether a line grows with the logs. */
export function isScan({ what }: Pick<CostLine, 'what'>): boolean {
  return what === scanName;
}

const scanName = 'Logs Insights';

/**
 * One AWS::CloudWatch::LogAlarm for each detection, on the monitor's schedule, over the detection's log
 * types. Each reads every byte once, settled as the monitor's scan.
 */
function logAlarmsBill({ config, logs, detections, scannedGbUsd }: CostSubject): Bill {
  const alarms = alarmingDetections(config, detections);
  const { queries: queriesPerDay, gb } = separateScan(alarms, config, logs);
  return bill('log-alarms', 'one LogAlarm a detection', { queriesPerDay, scannedGbPerDay: gb }, [
    scanLine(gb, scannedGbUsd),
    line('log alarms', exactly(alarms.length), prices.logAlarm),
  ]);
}

/** One metric for each detection, filled by a metric filter in each of its log groups, and its alarm. */
function metricFiltersBill({ config, detections }: CostSubject): Bill {
  const count = exactly(alarmingDetections(config, detections).length);
  const scans = { queriesPerDay: 0, scannedGbPerDay: exactly(0) };
  return bill('metric-filters', 'metric filters', scans, [
    line('custom metrics', count, prices.customMetric),
    line('alarms', count, prices.standardAlarm),
  ]);
}

/** The detections of the pack. */
export function watchedDetections(
  { detections: { disable } }: EnvironmentConfig,
  detections: readonly Detection[],
): Detection[] {
  return detections.filter(({ id }) => id !== documentedDetectionId && !disable.includes(id));
}

/** The detections that would each need an alarm, with the documented one: `info` is evidence alone. */
export function alarmingDetections(
  config: EnvironmentConfig,
  detections: readonly Detection[],
): Detection[] {
  const documented = detections.filter(({ id }) => id === documentedDetectionId);
  const others = watchedDetections(config, detections);
  return [...documented, ...others.filter(({ severity }) => severity !== 'info')];
}

function scanLine(gbPerDay: Amount, usd: number): CostLine {
  return line(scanName, scaled(gbPerDay, daysOfMonth), { ...prices.scannedGb, usd });
}

function line(what: string, quantity: Amount, price: Price): CostLine {
  return { what, quantity, price, usd: scaled(quantity, price.usd) };
}

function bill(
  way: Bill['way'],
  title: string,
  scans: Pick<Bill, 'queriesPerDay' | 'scannedGbPerDay'>,
  lines: readonly CostLine[],
): Bill {
  return { way, title, ...scans, lines, usd: sumOf(lines.map(({ usd }) => usd)) };
}
