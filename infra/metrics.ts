import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
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
  addRoleMatches(logType: LogType): Metric;
  logGroupCovered(logType: LogType): Metric;
  privilegeChanges(logType: LogType): Metric;
  readonly suppressedChanges: Metric;
  readonly lateChanges: Metric;
  readonly lateLagMax: Metric;
  readonly undeliveredFindings: Metric;
  readonly documentedLag: Metric;
  readonly scanLag: Metric;
  readonly scanDoubt: Metric;
  readonly detectionsRefused: Metric;
  readonly scanCompleted: Metric;
  readonly bytesScanned: Metric;
  readonly scannerErrors: Metric;
  readonly scannerDuration: Metric;
  readonly undeliveredTicks: Metric;
  readonly failedRuns: Metric;
}

export function monitorMetrics(
  { mwaaEnvironment, everyMinutes }: EnvironmentConfig,
  scanner: Scanner,
): MonitorMetrics {
  const period = Duration.minutes(everyMinutes);
  const own = (definition: MetricDefinition, logType?: LogType) =>
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
    });
  const waiting = { period: queuePeriod, statistic: Stats.MAXIMUM };
  return {
    addRoleMatches: (logType) => own(metricDefinitions.addRoleMatches, logType),
    logGroupCovered: (logType) => own(metricDefinitions.logGroupCovered, logType),
    privilegeChanges: (logType) => own(metricDefinitions.privilegeChanges, logType),
    suppressedChanges: own(metricDefinitions.suppressedChanges),
    lateChanges: own(metricDefinitions.lateChanges),
    lateLagMax: own(metricDefinitions.lateLagMax),
    undeliveredFindings: own(metricDefinitions.undeliveredFindings),
    documentedLag: own(metricDefinitions.documentedLag),
    scanLag: own(metricDefinitions.scanLag),
    scanDoubt: own(metricDefinitions.scanDoubt),
    detectionsRefused: own(metricDefinitions.detectionsRefused),
    scanCompleted: own(metricDefinitions.scanCompleted),
    bytesScanned: own(metricDefinitions.bytesScanned),
    scannerErrors: scanner.function.metricErrors({ period }),
    scannerDuration: scanner.function.metricDuration({ period, statistic: Stats.MAXIMUM }),
    undeliveredTicks: scanner.undeliveredTicks.metricApproximateNumberOfMessagesVisible(waiting),
    failedRuns: scanner.failedRuns.metricApproximateNumberOfMessagesVisible(waiting),
  };
}
