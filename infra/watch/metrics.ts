import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import {
  type AwsMetricKey,
  type MetricKey,
  metricDefinitions,
  metricNamespace,
} from '../../lambda/metrics/metric-definitions.ts';
import type { DashboardPlace, MetricDefinition } from '../../lambda/metrics/metric-shape.ts';
import { type LogType, logGroupName } from '../../lambda/model/log-types.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import type { Scanner } from '../function/scanner.ts';

/** SQS reports once a minute, and not always in time: five minutes bridge the gaps. */
const queuePeriod = Duration.minutes(5);

/** What AWS itself measures, and where the dashboard draws it, in the order of the lines. */
export const awsMetrics: Readonly<
  Record<AwsMetricKey, { readonly name: string; readonly dashboard: DashboardPlace }>
> = {
  scannerInvocations: {
    name: 'Invocations',
    dashboard: { widget: 'heartbeat', label: 'Runs begun' },
  },
  scannerErrors: {
    name: 'Errors',
    dashboard: { widget: 'heartbeat', label: 'Errors' },
  },
  undeliveredTicks: {
    name: 'ApproximateNumberOfMessagesVisible',
    dashboard: { widget: 'heartbeat', label: 'Ticks not delivered' },
  },
  failedRuns: {
    name: 'ApproximateNumberOfMessagesVisible',
    dashboard: { widget: 'heartbeat', label: 'Runs given up' },
  },
  scannerDuration: {
    name: 'Duration',
    dashboard: { widget: 'duration', label: 'Longest run' },
  },
};

/**
 * A metric of a monitor, for alarms and dashboard alike.
 *
 * @param logType for a metric of each log group
 */
export type MonitorMetrics = (key: MetricKey | AwsMetricKey, logType?: LogType) => Metric;

export function monitorMetrics(
  { mwaaEnvironment, everyMinutes }: EnvironmentConfig,
  scanner: Scanner,
): MonitorMetrics {
  const period = Duration.minutes(everyMinutes);
  const own = (key: MetricKey, logType?: LogType) => {
    const { name, statistic }: MetricDefinition = metricDefinitions[key];
    return new Metric({
      namespace: metricNamespace,
      metricName: name,
      dimensionsMap: {
        Environment: mwaaEnvironment,
        ...(logType && { LogGroup: logGroupName(mwaaEnvironment, logType) }),
      },
      // Each put carries the tick's running total, and PutMetricData is not idempotent: a repeated
      // put would double a sum, never a maximum or a minimum.
      statistic: statistic ?? Stats.MAXIMUM,
      period,
    });
  };
  const ofQueue = { period: queuePeriod, statistic: Stats.MAXIMUM };
  const ofAws = {
    scannerInvocations: () => scanner.function.metricInvocations({ period }),
    scannerErrors: () => scanner.function.metricErrors({ period }),
    scannerDuration: () => scanner.function.metricDuration({ period, statistic: Stats.MAXIMUM }),
    undeliveredTicks: () =>
      scanner.undeliveredTicks.metricApproximateNumberOfMessagesVisible(ofQueue),
    failedRuns: () => scanner.failedRuns.metricApproximateNumberOfMessagesVisible(ofQueue),
  } satisfies Record<AwsMetricKey, () => Metric>;
  return (key, logType) => (isOwn(key) ? own(key, logType) : ofAws[key]());
}

function isOwn(key: MetricKey | AwsMetricKey): key is MetricKey {
  return key in metricDefinitions;
}
