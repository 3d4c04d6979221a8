import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { GroupCoverage } from './coverage.ts';
import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts';

/** What one tick found out, as far as it becomes metrics. */
export interface TickNumbers {
  readonly mwaaEnvironment: string;
  readonly tickEpochMs: number;
  readonly coverage: readonly GroupCoverage[];
  /** Matches per log group, of the groups whose number is known. */
  readonly matches: ReadonlyMap<string, number>;
  /** Findings per log group, of the groups whose number is known. */
  readonly privilegeChanges: ReadonlyMap<string, number>;
  /** Undefined where nothing was read that could hold one. */
  readonly suppressedChanges: number | undefined;
  readonly scanCompleted: boolean;
  readonly bytesScanned: number;
}

/**
 * A tick's metric data, all of them stamped with the tick.
 *
 * PutMetricData is not idempotent: a repeated tick adds to Sum and SampleCount, while Maximum stays
 * right. ScanCompleted is left out, not put as 0, when the scan did not complete: its alarm treats
 * what is missing as breaching.
 */
export function metricData(numbers: TickNumbers): MetricDatum[] {
  const datum = (definition: MetricDefinition, value: number, logGroup?: string): MetricDatum => ({
    MetricName: definition.name,
    Dimensions: definition.dimensions.map((dimension) => ({
      Name: dimension,
      Value: dimension === 'Environment' ? numbers.mwaaEnvironment : logGroup,
    })),
    Timestamp: new Date(numbers.tickEpochMs),
    Unit: definition.unit,
    Value: value,
  });
  return [
    ...[...numbers.matches].map(([logGroup, count]) =>
      datum(metricDefinitions.addRoleMatches, count, logGroup),
    ),
    ...[...numbers.privilegeChanges].map(([logGroup, count]) =>
      datum(metricDefinitions.privilegeChanges, count, logGroup),
    ),
    ...(numbers.suppressedChanges === undefined
      ? []
      : [datum(metricDefinitions.suppressedChanges, numbers.suppressedChanges)]),
    ...numbers.coverage.map(({ logGroup, blind }) =>
      datum(metricDefinitions.logGroupCovered, blind === undefined ? 1 : 0, logGroup),
    ),
    ...(numbers.scanCompleted ? [datum(metricDefinitions.scanCompleted, 1)] : []),
    datum(metricDefinitions.bytesScanned, numbers.bytesScanned),
  ];
}
