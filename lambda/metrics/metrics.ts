import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { GroupCoverage } from '../model/coverage.ts';
import { type MetricKey, metricDefinitions } from './metric-definitions.ts';
import type { MetricDefinition } from './metric-shape.ts';
import type { SummedKey, TickTotals } from './tick-totals.ts';

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
