import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { GroupCoverage } from './coverage.ts';
import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts';
import type { TickTotals } from './tick-totals.ts';

/** How the monitor itself was in one tick. */
export interface TickHealth {
  readonly tickEpochMs: number;
  readonly coverage: readonly GroupCoverage[];
  /** Whether nothing failed, in the documented query and in the pack, and there was something to scan. */
  readonly scanCompleted: boolean;
  /** How far behind the tick the documented query has counted; undefined where no group is readable. */
  readonly documentedLagSeconds: number | undefined;
  /** Likewise, of the pack's lanes; undefined without a pack as well. */
  readonly scanLagSeconds: number | undefined;
  /** Undefined where no line that is new told when it was ingested. */
  readonly lateLagMaxSeconds: number | undefined;
  readonly undeliveredFindings: number | undefined;
  readonly scanDoubt: number;
  /** Detections whose events are not looked for, as AWS refuses their texts; undefined where that is not known. */
  readonly detectionsRefused: number | undefined;
  /** All that was scanned, whether it counts for a slice or not. */
  readonly bytesScanned: number;
}

/**
 * The numbers of a tick's slices as metric data, all of them stamped with the tick.
 *
 * PutMetricData is not idempotent: a repeated put adds to Sum and SampleCount, while Maximum stays
 * right.
 */
export function totalsData(mwaaEnvironment: string, totals: TickTotals): MetricDatum[] {
  const datum = datumOf(mwaaEnvironment, totals.tickEpochMs);
  return [
    ...[...totals.matches].map(([logGroup, count]) =>
      datum(metricDefinitions.addRoleMatches, count, logGroup),
    ),
    ...[...totals.privilegeChanges].map(([logGroup, count]) =>
      datum(metricDefinitions.privilegeChanges, count, logGroup),
    ),
    ...known(datum, metricDefinitions.suppressedChanges, totals.suppressedChanges),
    ...known(datum, metricDefinitions.lateChanges, totals.lateChanges),
    datum(metricDefinitions.bytesScanned, totals.bytesScanned),
  ];
}

/**
 * What is known of the documented query before the pack is asked, likewise: a pack that ends each run
 * must not keep it from being known. What {@link healthData} says at the end is put besides; of both, the
 * alarms see the higher.
 */
export function documentedData(
  mwaaEnvironment: string,
  {
    tickEpochMs,
    documentedLagSeconds,
    doubts,
  }: Pick<TickHealth, 'tickEpochMs' | 'documentedLagSeconds'> & { readonly doubts: number },
): MetricDatum[] {
  const datum = datumOf(mwaaEnvironment, tickEpochMs);
  return [
    ...known(datum, metricDefinitions.documentedLag, documentedLagSeconds),
    datum(metricDefinitions.scanDoubt, doubts),
  ];
}

/**
 * What the monitor says of itself, likewise.
 *
 * ScanCompleted is left out, not put as 0, when the scan did not complete: its alarm treats what is
 * missing as breaching.
 */
export function healthData(mwaaEnvironment: string, health: TickHealth): MetricDatum[] {
  const datum = datumOf(mwaaEnvironment, health.tickEpochMs);
  return [
    // A group that may be off, and is, is neither covered nor blind.
    ...health.coverage
      .filter(({ off }) => off === undefined)
      .map(({ logGroup, blind }) =>
        datum(metricDefinitions.logGroupCovered, blind === undefined ? 1 : 0, logGroup),
      ),
    ...known(datum, metricDefinitions.scanCompleted, health.scanCompleted ? 1 : undefined),
    ...known(datum, metricDefinitions.documentedLag, health.documentedLagSeconds),
    ...known(datum, metricDefinitions.scanLag, health.scanLagSeconds),
    ...known(datum, metricDefinitions.lateLagMax, health.lateLagMaxSeconds),
    ...known(datum, metricDefinitions.undeliveredFindings, health.undeliveredFindings),
    datum(metricDefinitions.scanDoubt, health.scanDoubt),
    ...known(datum, metricDefinitions.detectionsRefused, health.detectionsRefused),
    datum(metricDefinitions.bytesScanned, health.bytesScanned),
  ];
}

function known(
  datum: ReturnType<typeof datumOf>,
  definition: MetricDefinition,
  value: number | undefined,
): MetricDatum[] {
  return value === undefined ? [] : [datum(definition, value)];
}

function datumOf(mwaaEnvironment: string, tickEpochMs: number) {
  return (definition: MetricDefinition, value: number, logGroup?: string): MetricDatum => ({
    MetricName: definition.name,
    Dimensions: definition.dimensions.map((dimension) => ({
      Name: dimension,
      Value: dimension === 'Environment' ? mwaaEnvironment : logGroup,
    })),
    Timestamp: new Date(tickEpochMs),
    Unit: definition.unit,
    Value: value,
  });
}
