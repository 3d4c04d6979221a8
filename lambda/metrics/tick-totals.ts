import type { SliceRecord } from '../ledger/slice-record.ts';
import { type MetricKey, metricDefinitions } from './metric-definitions.ts';
import type { MetricDefinition, SliceSum } from './metric-shape.ts';

type Definitions = typeof metricDefinitions;

/** The metrics that are sums over slices. */
export type SummedKey = {
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
