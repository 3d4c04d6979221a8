import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import { type LogType, logGroupName } from '../lambda/log-types.ts';
import {
  type MetricDefinition,
  metricDefinitions,
  metricNamespace,
} from '../lambda/metric-definitions.ts';
import type { EnvironmentConfig } from './environment-config.ts';
import type { Scanner } from './scanner.ts';

/** SQS reports once a minute, and not always in time: five minutes bridge the gaps. */
const queuePeriod = Duration.minutes(5);

/** Every metric of a monitor, once: alarms and dashboard take the same objects. */
export interface MonitorMetrics {
  addRoleMatches(logType: LogType): IMetric;
  logGroupCovered(logType: LogType): IMetric;
  readonly scanCompleted: IMetric;
  readonly bytesScanned: IMetric;
  readonly scannerErrors: IMetric;
  readonly scannerDuration: IMetric;
  readonly undeliveredTicks: IMetric;
  readonly failedRuns: IMetric;
}

export function monitorMetrics(
  { mwaaEnvironment, everyMinutes }: EnvironmentConfig,
  scanner: Scanner,
): MonitorMetrics {
  const period = Duration.minutes(everyMinutes);
  const own = (definition: MetricDefinition, label: string, logType?: LogType) =>
    new Metric({
      namespace: metricNamespace,
      metricName: definition.name,
      dimensionsMap: {
        Environment: mwaaEnvironment,
        ...(logType && { LogGroup: logGroupName(mwaaEnvironment, logType) }),
      },
      // Each put carries the tick's running total, and PutMetricData is not idempotent: a repeated
      // put would double a sum, never a maximum.
      statistic: Stats.MAXIMUM,
      period,
      label,
    });
  const waiting = { period: queuePeriod, statistic: Stats.MAXIMUM };
  return {
    addRoleMatches: (logType) => own(metricDefinitions.addRoleMatches, logType, logType),
    logGroupCovered: (logType) => own(metricDefinitions.logGroupCovered, logType, logType),
    scanCompleted: own(metricDefinitions.scanCompleted, 'Scans completed'),
    bytesScanned: own(metricDefinitions.bytesScanned, 'Bytes scanned'),
    scannerErrors: scanner.function.metricErrors({ period, label: 'Errors' }),
    scannerDuration: scanner.function.metricDuration({
      period,
      statistic: Stats.MAXIMUM,
      label: 'Longest run',
    }),
    undeliveredTicks: scanner.undeliveredTicks.metricApproximateNumberOfMessagesVisible({
      ...waiting,
      label: 'Ticks not delivered',
    }),
    failedRuns: scanner.failedRuns.metricApproximateNumberOfMessagesVisible({
      ...waiting,
      label: 'Runs failed',
    }),
  };
}
