import type { MetricIdentity, StatisticSet } from '../recorders.ts';

export const statistics = ['Maximum', 'Minimum', 'Sum', 'Average', 'SampleCount'] as const;

type Statistic = (typeof statistics)[number];

export const comparisonOperators = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const;

export type AlarmComparison = (typeof comparisonOperators)[number];

export const missingDataTreatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

export type MissingDataTreatment = (typeof missingDataTreatments)[number];

export type AlarmStateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** An alarm on one metric, as it would be once the template is deployed. */
export interface MetricAlarm {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly accountId: string;
  readonly description: string | undefined;
  readonly actionsEnabled: boolean;
  /** ARNs, by the state that the alarm changes to. */
  readonly actions: Readonly<Record<AlarmStateValue, readonly string[]>>;
  readonly metric: MetricIdentity;
  /** Only values of this unit count. */
  readonly unit: string | undefined;
  readonly statistic: Statistic;
  /** Whole minutes. */
  readonly periodSeconds: number;
  /** N of "M out of N". */
  readonly evaluationPeriods: number;
  /** M of "M out of N". */
  readonly datapointsToAlarm: number;
  readonly comparisonOperator: AlarmComparison;
  readonly threshold: number;
  readonly treatMissingData: MissingDataTreatment;
}

export function statisticOf(statistic: Statistic, values: StatisticSet): number {
  switch (statistic) {
    case 'Maximum':
      return values.maximum;
    case 'Minimum':
      return values.minimum;
    case 'Sum':
      return values.sum;
    case 'Average':
      return values.sum / values.sampleCount;
    case 'SampleCount':
      return values.sampleCount;
  }
}

export function isBreaching(
  value: number,
  { comparisonOperator, threshold }: Pick<MetricAlarm, 'comparisonOperator' | 'threshold'>,
): boolean {
  switch (comparisonOperator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}
