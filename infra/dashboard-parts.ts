import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** Widths of widgets, in the 24 columns of a dashboard. */
export const fullWidth = 24;
export const thirdWidth = 8;

/** Only on a dashboard: a metric with a label would turn its alarm into a metric-math one. */
export function named(metric: Metric, label: string): Metric {
  return metric.with({ label });
}
