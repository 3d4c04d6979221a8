import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { SliceRecord } from '../ledger/marks.ts';
import type { GroupCoverage } from '../model/coverage.ts';
import { type MetricKey, metricDefinitions } from './metric-definitions.ts';
import type { MetricDefinition, SliceSum } from './metric-shape.ts';

type Definitions = typeof metricDefinitions;

/** The metrics that are sums over slices. */
type SummedKey = {
  [Key in MetricKey]: Definitions[Key] extends { readonly sum: SliceSum } ? Key : never;
}[MetricKey];

/**
 * The sums over all slices that count in one tick. By log group, a zero is there only where it can be
 * believed; a sum over the environment is undefined where no slice that it counts was read.
 */
export type TickTotals = { readonly tickEpochMs: number } & {
  readonly [Key in SummedKey]: Definitions[Key]['per'] extends 'log-group'
    ? ReadonlyMap<string, number>
    : number | undefined;
};

/**
 * Adds up the slices of a tick. It is a running total: put again after each slice, it only grows, so
 * that the maximum over a period is right however often it was put.
 */
export function tickTotals(tickEpochMs: number, records: readonly SliceRecord[]): TickTotals {
  const sums = Object.entries<MetricDefinition>(metricDefinitions).flatMap(
    ([key, { per, sum }]) => {
      if (sum === undefined) return [];
      return [[key, per === 'log-group' ? sumsByGroup(records, sum) : sumOf(records, sum)]];
    },
  );
  return { tickEpochMs, ...Object.fromEntries(sums) };
}

function sumsByGroup(
  records: readonly SliceRecord[],
  { of, givesZero = () => false }: SliceSum,
): Map<string, number> {
  const byGroup = [...Map.groupBy(records, ({ logGroup }) => logGroup)];
  return new Map(
    byGroup.flatMap(([logGroup, slices]): [string, number][] => {
      const total = add(slices.flatMap((slice) => of(slice) ?? []));
      const scans = slices.filter((slice) => slice.outcome === 'scanned' && givesZero(slice));
      const isZero =
        scans.length > 0 && scans.every((slice) => slice.covered && of(slice) !== undefined);
      return total > 0 || isZero ? [[logGroup, total]] : [];
    }),
  );
}

function sumOf(records: readonly SliceRecord[], { of, counts }: SliceSum): number | undefined {
  const counted = counts === undefined ? records : records.filter(counts);
  // A zero would say that there was nothing.
  if (counts !== undefined && counted.length === 0) return undefined;
  return add(counted.flatMap((slice) => of(slice) ?? []));
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * The state of the monitor itself at the end of one tick: every metric that is no sum over slices, and
 * all bytes that were scanned, whether they count for a slice or not.
 */
export type TickHealth = {
  readonly tickEpochMs: number;
  readonly coverage: readonly GroupCoverage[];
  /** Whether nothing failed, in the documented query and in the pack, and there was something to scan. */
  readonly scanCompleted: boolean;
  readonly bytesScanned: number;
} & {
  readonly [Key in Exclude<MetricKey, SummedKey | 'logGroupCovered' | 'scanCompleted'>]:
    | number
    | undefined;
};

/** By metric: its number, its numbers by log group, or undefined where nothing is to be published. */
type Values = Partial<Record<MetricKey, number | ReadonlyMap<string, number> | undefined>>;

/**
 * The numbers of a tick's slices as metric data, all of them stamped with the tick.
 *
 * PutMetricData is not idempotent: a repeated put adds to Sum and SampleCount, while Maximum stays
 * right.
 */
export function totalsData(mwaaEnvironment: string, totals: TickTotals): MetricDatum[] {
  const { tickEpochMs, ...sums } = totals;
  return metricData(mwaaEnvironment, tickEpochMs, sums);
}

/**
 * What is known about the documented query before the pack is read: a run that the pack kills must still
 * have published it. {@link healthData} puts the same metrics again at the end; alarms see the higher.
 */
export function documentedData(
  mwaaEnvironment: string,
  {
    tickEpochMs,
    documentedLagSeconds,
    doubts: scanDoubt,
  }: Pick<TickHealth, 'tickEpochMs' | 'documentedLagSeconds'> & { readonly doubts: number },
): MetricDatum[] {
  return metricData(mwaaEnvironment, tickEpochMs, { documentedLagSeconds, scanDoubt });
}

/**
 * The monitor's own health as metric data, stamped with the tick.
 *
 * ScanCompleted is left out, not put as 0, when the scan did not complete: its alarm treats missing
 * data as breaching.
 */
export function healthData(mwaaEnvironment: string, health: TickHealth): MetricDatum[] {
  const { tickEpochMs, coverage, scanCompleted, ...numbers } = health;
  return metricData(mwaaEnvironment, tickEpochMs, {
    ...numbers,
    // A group that may be off, and is, is neither covered nor blind.
    logGroupCovered: new Map(
      coverage
        .filter(({ off }) => off === undefined)
        .map(({ logGroup, blind }) => [logGroup, blind === undefined ? 1 : 0]),
    ),
    scanCompleted: scanCompleted ? 1 : undefined,
  });
}

function metricData(mwaaEnvironment: string, tickEpochMs: number, values: Values): MetricDatum[] {
  const definitions = Object.entries<MetricDefinition>(metricDefinitions);
  return definitions.flatMap(([key, { name, unit }]) => {
    const value = values[key as MetricKey];
    const numbers: Iterable<[logGroup: string | undefined, number]> =
      typeof value === 'object' ? value : value === undefined ? [] : [[undefined, value]];
    return [...numbers].map(([logGroup, number]) => ({
      MetricName: name,
      Dimensions: [
        { Name: 'Environment', Value: mwaaEnvironment },
        ...(logGroup === undefined ? [] : [{ Name: 'LogGroup', Value: logGroup }]),
      ],
      Timestamp: new Date(tickEpochMs),
      Unit: unit,
      Value: number,
    }));
  });
}
