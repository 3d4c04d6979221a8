import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { severities } from '../lambda/findings/finding.ts';
import { logTypes } from '../lambda/log-types.ts';
import type { MonitorAlarms } from './alarms.ts';
import { fullWidth, named, thirdWidth } from './dashboard-parts.ts';
import { delayWidgets } from './delay-widgets.ts';
import type { EnvironmentConfig } from './environment-config.ts';
import type { MonitorMetrics } from './metrics.ts';
import type { MonitorNames } from './names.ts';

export interface MonitorDashboardProps {
  readonly config: EnvironmentConfig;
  readonly names: MonitorNames;
  readonly metrics: MonitorMetrics;
  readonly alarms: MonitorAlarms;
  /** The detections that can make findings. */
  readonly detectionIds: readonly string[];
}

/** The scanner's log holds a line a finding; one that got more evidence has several. */
const newFindings = ['filter decision = "finding-recorded" and isNew = 1'];
/** One line a log group: the latest cause, and the tick that found it last. */
const blindGroups = [
  'filter decision = "log-group-blind"',
  'stats latest(cause) as why, latest(detail) as details, latest(tick) as lastTick by logGroup',
];
const findingsBySeverity = hourly(
  'severity',
  severities.filter((severity) => severity !== 'info'),
);

/** Insights draws over time what is grouped by time alone: each value is a sum of its own. */
function hourly(field: string, values: readonly string[]): string {
  const sums = values.map((value) => {
    const name = value.replaceAll('-', '_').replace(/^(?=\d)/, '_');
    return `sum(${field} = "${value}") as ${name}`;
  });
  return `stats ${sums.join(', ') || 'count() as findings'} by bin(1h)`;
}

/** One page: what was found, what can be seen, which alarms ring, whether the scans are well. */
export function monitorDashboard(scope: Construct, props: MonitorDashboardProps): Dashboard {
  const { config, names, metrics, alarms, detectionIds } = props;
  const subject = { environment: config.mwaaEnvironment, names, metrics };
  const settled = `${config.settleMinutes} min behind the present, every ${config.everyMinutes} min`;
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: names.dashboard,
    defaultInterval: Duration.days(1),
    // With automatic periods a longer view would stretch the points beyond the scan's period.
    periodOverride: PeriodOverride.INHERIT,
    widgets: [
      [
        new TextWidget({
          markdown: `# Privilege monitor of MWAA environment ${config.mwaaEnvironment}\nScans ${settled}. A line of matches at 0 is an all-clear only where coverage is 1.`,
          width: fullWidth,
          height: 2,
        }),
      ],
      [
        new AlarmStatusWidget({
          title: 'Alarms',
          alarms: [...alarms.privilege, ...alarms.health],
          width: fullWidth,
          height: 4,
        }),
      ],
      [
        new GraphWidget({
          title: 'Privilege changes found, per log group',
          left: [
            ...logTypes.map((logType) => named(metrics.privilegeChanges(logType), logType)),
            named(metrics.suppressedChanges, 'Approved'),
          ],
          leftYAxis: { min: 0, label: 'findings', showUnits: false },
          width: thirdWidth,
        }),
        new LogQueryWidget({
          title: 'Findings by severity',
          logGroupNames: [names.scannerLogGroup],
          queryLines: [...newFindings, findingsBySeverity],
          view: LogQueryVisualizationType.STACKEDAREA,
          width: thirdWidth,
        }),
        new LogQueryWidget({
          title: 'Findings by detection',
          logGroupNames: [names.scannerLogGroup],
          queryLines: [...newFindings, hourly('detection', detectionIds)],
          view: LogQueryVisualizationType.STACKEDAREA,
          width: thirdWidth,
        }),
      ],
      [
        new GraphWidget({
          title: 'Matches of the documented query, per log group',
          left: logTypes.map((logType) => named(metrics.addRoleMatches(logType), logType)),
          leftYAxis: { min: 0, label: 'events', showUnits: false },
          width: thirdWidth,
        }),
        new GraphWidget({
          title: 'Coverage per log group (1 covered, 0 blind)',
          left: logTypes.map((logType) => named(metrics.logGroupCovered(logType), logType)),
          leftYAxis: { min: 0, max: 1, showUnits: false },
          width: thirdWidth,
        }),
        new LogQueryWidget({
          title: 'Blind log groups, and why',
          logGroupNames: [names.scannerLogGroup],
          queryLines: [...blindGroups],
          view: LogQueryVisualizationType.TABLE,
          width: thirdWidth,
        }),
      ],
      delayWidgets(subject, config),
      [
        new GraphWidget({
          title: 'Heartbeat and lost ticks',
          left: [
            named(metrics.scanCompleted, 'Scan completed'),
            named(metrics.scannerErrors, 'Errors'),
            named(metrics.undeliveredTicks, 'Ticks not delivered'),
            named(metrics.failedRuns, 'Runs given up'),
          ],
          leftYAxis: { min: 0, showUnits: false },
          width: thirdWidth,
        }),
        new GraphWidget({
          title: 'Bytes scanned a tick (what Logs Insights bills)',
          left: [named(metrics.bytesScanned, 'Bytes scanned')],
          leftYAxis: { min: 0 },
          width: thirdWidth,
        }),
        new GraphWidget({
          title: 'Duration of a scan',
          left: [named(metrics.scannerDuration, 'Longest run')],
          leftYAxis: { min: 0 },
          width: thirdWidth,
        }),
      ],
    ],
  });
}
