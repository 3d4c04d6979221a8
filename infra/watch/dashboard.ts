import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type HorizontalAnnotation,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  type Metric,
  PeriodOverride,
  TextWidget,
  type YAxisProps,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import {
  type AwsMetricKey,
  alarmDefinitions,
  isPerLogGroup,
  type MetricKey,
  metricDefinitions,
} from '../../lambda/metrics/metric-definitions.ts';
import type {
  AlarmDefinition,
  MetricDefinition,
  WidgetId,
} from '../../lambda/metrics/metric-shape.ts';
import { logTypes } from '../../lambda/model/log-types.ts';
import { severities } from '../../lambda/model/severity.ts';
import type { DetectionInPlan } from '../../lambda/plan/scan-plan.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import { isOfMonitor, type MonitorNames, type Parts } from '../naming/names.ts';
import { alarmSubject, type MonitorAlarms, thresholdOf } from './alarms.ts';
import { dashboardLinks } from './dashboard-links.ts';
import { awsMetrics, type MonitorMetrics } from './metrics.ts';
import { scanCost } from './scan-price.ts';

interface MonitorDashboardProps {
  readonly config: EnvironmentConfig;
  readonly names: MonitorNames;
  readonly metrics: MonitorMetrics;
  readonly alarms: MonitorAlarms;
  /** The detections that can make findings, called at synthesis. */
  readonly detections: () => readonly Pick<DetectionInPlan, 'id' | 'runbook'>[];
  /** The address of the folder of runbooks. @default - unknown: the dashboard names their files */
  readonly runbookBaseUrl?: string | undefined;
}

/** Widths of widgets, in the 24 columns of a dashboard. */
const fullWidth = 24;
const thirdWidth = 8;
const twoThirdsWidth = 16;
const quarterWidth = 6;

/** The scanner logs a line for each finding, and another one whenever it gets more evidence. */
const newFindings = ['filter decision = "finding-recorded" and isNew = 1'];
/**
 * What was found last, with the findings of the monitor about itself. The title is the mail's; `id` finds
 * the mail, and the finding in `npx privilege-monitor findings`.
 */
const latestFindings = [
  'filter (decision = "finding-recorded" and isNew = 1) or decision = "own-finding-recorded"',
  'display tick, severity, title, outcome, logGroup, runbook, airflow, id',
  'sort @timestamp desc',
  'limit 20',
];
/** One line for each log group: the latest cause, and the last tick that reported it. */
const blindGroups = [
  'filter decision = "log-group-blind"',
  'stats latest(cause) as why, latest(detail) as details, latest(tick) as lastTick by logGroup',
];
const findingsBySeverity = hourly(
  'severity',
  severities.filter((severity) => severity !== 'info'),
);

/** Logs Insights draws over time only what is grouped by time alone: so each value is its own sum. */
function hourly(field: string, values: readonly string[]): string {
  const sums = values.map((value) => {
    const name = value.replaceAll('-', '_').replace(/^(?=\d)/, '_');
    return `sum(${field} = "${value}") as ${name}`;
  });
  return `stats ${sums.join(', ') || 'count() as findings'} by bin(1h)`;
}

/** A graph, whose lines are the metrics that name it as their widget. */
interface Graph {
  readonly title: string;
  readonly left: YAxisProps;
  readonly right?: YAxisProps;
  /** Whether it draws the thresholds of the alarms on its metrics. */
  readonly drawsThresholds?: boolean;
}

const seconds = { min: 0, label: 'seconds', showUnits: false };
const findings = { min: 0, label: 'findings', showUnits: false };

/** The graphs of a dashboard. */
export function graphs(config: EnvironmentConfig): Readonly<Record<WidgetId, Graph>> {
  return {
    'privilege-changes': { title: 'Privilege changes found, per log group', left: findings },
    'documented-matches': {
      title: 'Matches of the documented query, per log group',
      left: { min: 0, label: 'events', showUnits: false },
    },
    coverage: {
      title: 'Coverage per log group (1 covered, 0 blind)',
      left: { min: 0, max: 1, showUnits: false },
    },
    lag: {
      title: 'Scan lag (how far behind the tick everything is read)',
      left: seconds,
      drawsThresholds: true,
    },
    'late-events': {
      title: `Late events (found up to ${config.farSweep.lagMinutes} min late)`,
      left: seconds,
      right: findings,
      drawsThresholds: true,
    },
    problems: {
      title: 'Not delivered, in doubt, or refused',
      left: { min: 0, showUnits: false },
    },
    heartbeat: { title: 'Heartbeat and lost ticks', left: { min: 0, showUnits: false } },
    bytes: {
      title: 'Bytes scanned (what Logs Insights bills)',
      left: { min: 0, label: 'in a tick' },
      right: { min: 0, label: 'since midnight UTC' },
    },
    duration: { title: 'Duration of a scan', left: { min: 0 } },
  };
}

/** One page: what was found, what can be seen, which alarms ring, whether the scans are well. */
export function monitorDashboard(scope: Construct, props: MonitorDashboardProps): Dashboard {
  const { config, names, alarms, detections } = props;
  const graph = (id: WidgetId, width = thirdWidth) => graphWidget(id, props, width);
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
          alarms: alarms.shown,
          width: fullWidth,
          height: 4,
        }),
      ],
      [
        new LogQueryWidget({
          title: 'Latest findings',
          logGroupNames: [names.scannerLogGroup],
          queryLines: [...latestFindings],
          view: LogQueryVisualizationType.TABLE,
          width: twoThirdsWidth,
          height: 8,
        }),
        new TextWidget({
          markdown: Lazy.string({ produce: () => linksOf(scope, props) }),
          width: thirdWidth,
          height: 8,
        }),
      ],
      [
        graph('privilege-changes'),
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
          queryLines: [
            ...newFindings,
            Lazy.string({
              produce: () =>
                hourly(
                  'detection',
                  detections().map(({ id }) => id),
                ),
            }),
          ],
          view: LogQueryVisualizationType.STACKEDAREA,
          width: thirdWidth,
        }),
      ],
      [
        graph('documented-matches'),
        graph('coverage'),
        new LogQueryWidget({
          title: 'Blind log groups, and why',
          logGroupNames: [names.scannerLogGroup],
          queryLines: [...blindGroups],
          view: LogQueryVisualizationType.TABLE,
          width: thirdWidth,
        }),
      ],
      [graph('lag'), graph('late-events'), graph('problems')],
      [
        graph('heartbeat', quarterWidth),
        graph('duration', quarterWidth),
        graph('bytes', quarterWidth),
        costWidget(scope, props),
      ],
    ],
  });
}

function linksOf(
  scope: Construct,
  { config, names, detections, runbookBaseUrl }: MonitorDashboardProps,
): string {
  return dashboardLinks({
    ...{ mwaaEnvironment: config.mwaaEnvironment, region: Stack.of(scope).region },
    ...{ scannerLogGroup: names.scannerLogGroup, runbookBaseUrl },
    runbooks: [
      ...detections().map(({ runbook }) => runbook),
      ...Object.values<AlarmDefinition>(alarmDefinitions)
        .filter((definition) => isOfMonitor(definition, names.parts))
        .map(({ runbook }) => `${runbook}.md`),
    ],
  });
}

/**
 * What Logs Insights bills for the scans, by day of the last two weeks: the total of a UTC day is its
 * highest value of the bytes since midnight.
 */
function costWidget(
  scope: Construct,
  { metrics }: Pick<MonitorDashboardProps, 'metrics'>,
): IWidget {
  const { region } = Stack.of(scope);
  const known = Token.isUnresolved(region) ? undefined : region;
  const { expression, priceText } = scanCost('bytes', known);
  const day = Duration.days(1);
  return new GraphWidget({
    title: `Cost of the scans, USD a day (${priceText})`,
    left: [
      new MathExpression({
        expression,
        usingMetrics: { bytes: metrics('dailyBytesScanned').with({ period: day }) },
        label: 'USD, for a day in UTC',
        period: day,
      }),
    ],
    leftYAxis: { min: 0, label: 'USD', showUnits: false },
    start: '-P14D',
    width: quarterWidth,
  });
}

function graphWidget(
  id: WidgetId,
  { config, names, metrics }: Pick<MonitorDashboardProps, 'config' | 'names' | 'metrics'>,
  width: number,
): IWidget {
  const { title, left, right, drawsThresholds = false } = graphs(config)[id];
  const leftKeys = metricsOf(id, names.parts);
  return new GraphWidget({
    title,
    left: leftKeys.flatMap((key) => lines(key, metrics)),
    leftAnnotations: drawsThresholds ? thresholds(leftKeys, config, names) : [],
    leftYAxis: left,
    ...(right !== undefined && {
      right: metricsOf(id, names.parts, 'right').flatMap((key) => lines(key, metrics)),
      rightYAxis: right,
    }),
    width,
  });
}

type Drawn = Pick<MetricDefinition, 'dashboard' | 'onlyWith'>;

const drawn = new Map<MetricKey | AwsMetricKey, Drawn>(
  Object.entries<Drawn>({ ...metricDefinitions, ...awsMetrics }).map(([key, definition]) => [
    key as MetricKey | AwsMetricKey,
    definition,
  ]),
);

function metricsOf(id: WidgetId, parts: Parts, axis?: 'right'): (MetricKey | AwsMetricKey)[] {
  return [...drawn]
    .filter(([, definition]) => isOfMonitor(definition, parts))
    .filter(([, { dashboard }]) => dashboard.widget === id && dashboard.axis === axis)
    .map(([key]) => key);
}

/** With labels only on a dashboard: a label on a metric would turn its alarm into a metric-math one. */
function lines(key: MetricKey | AwsMetricKey, metrics: MonitorMetrics): Metric[] {
  if (isPerLogGroup(key)) {
    return logTypes.map((logType) => metrics(key, logType).with({ label: logType }));
  }
  const { label } = drawn.get(key)?.dashboard ?? {};
  return [metrics(key).with({ ...(label !== undefined && { label }) })];
}

/** The values at which the alarms on these metrics ring, each once. */
function thresholds(
  keys: readonly (MetricKey | AwsMetricKey)[],
  config: EnvironmentConfig,
  names: MonitorNames,
): HorizontalAnnotation[] {
  const subject = alarmSubject(config, names);
  const values = Object.values(alarmDefinitions)
    .filter(({ metric }) => keys.includes(metric))
    .map((definition) => thresholdOf(definition, subject));
  return [...new Set(values)].map((value) => ({ value, label: 'alarm' }));
}
