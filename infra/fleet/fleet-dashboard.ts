import {
  Alarm,
  AlarmState,
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  Dashboard,
  GraphWidget,
  type IWidget,
  MathExpression,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import {
  isPerLogGroup,
  type MetricKey,
  metricDefinitions,
  metricNamespace,
} from '../../lambda/metrics/metric-definitions.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import { type MonitorNames, namesFor } from '../naming/names.ts';

interface FleetDashboardProps {
  readonly dashboardName: string;
  /** Those of the stack's own Region first. */
  readonly configs: readonly [EnvironmentConfig, ...EnvironmentConfig[]];
  /** The name of a monitor's dashboard. */
  readonly dashboardOf: (config: EnvironmentConfig) => string;
}

const fullWidth = 24;
const graphWidth = 8;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export const alarmsPerWidget = 100;
/** More lines than these are no graph that anybody can read. */
const linesMax = 20;

/** A graph of the environments that have the worst values of a metric, whatever the fleet's size. */
interface WorstOf {
  readonly title: string;
  readonly metric: MetricKey;
  /** Which values are the worst. */
  readonly worst: 'highest' | 'lowest';
}

const graphs: readonly WorstOf[] = [
  { title: 'Privilege changes found', metric: 'privilegeChanges', worst: 'highest' },
  { title: 'Coverage (0: a log group is blind)', metric: 'logGroupCovered', worst: 'lowest' },
  { title: 'Scan lag, in seconds', metric: 'scanLagSeconds', worst: 'highest' },
  { title: 'Findings not delivered', metric: 'undeliveredFindings', worst: 'highest' },
  {
    title: 'Largest lag of a late event, in seconds',
    metric: 'lateLagMaxSeconds',
    worst: 'highest',
  },
  { title: 'Bytes scanned a tick', metric: 'bytesScanned', worst: 'highest' },
];

/** The monitors of one Region, as a part of the page. */
interface RegionPart {
  /** undefined for the stack's own: a widget without a Region is about that of the dashboard's stack. */
  readonly region: string | undefined;
  readonly configs: readonly EnvironmentConfig[];
}

/**
 * One page over all environments of an account: which monitors are silent or fail, and the worst values of what can
 * be compared. A silent monitor has no values, so that its alarm shows it and no graph does.
 */
export function fleetDashboard(scope: Construct, props: FleetDashboardProps): Dashboard {
  const { dashboardName, configs, dashboardOf } = props;
  const [{ region: ownRegion }] = configs;
  const parts = Map.groupBy(configs, ({ region }) => region);
  return new Dashboard(scope, 'Dashboard', {
    dashboardName,
    defaultInterval: Duration.days(1),
    periodOverride: PeriodOverride.INHERIT,
    widgets: [...parts].flatMap(([region, there]) => {
      const isOwn = region === ownRegion;
      const title = parts.size === 1 ? 'Privilege monitors' : `Privilege monitors in ${region}`;
      return [
        [linksTo(title, there, dashboardOf)],
        ...widgetsOf(scope, { region: isOwn ? undefined : region, configs: there }),
      ];
    }),
  });
}

function byName(configs: readonly EnvironmentConfig[]): EnvironmentConfig[] {
  return configs.toSorted((a, b) => (a.mwaaEnvironment < b.mwaaEnvironment ? -1 : 1));
}

function linksTo(
  title: string,
  configs: readonly EnvironmentConfig[],
  dashboardOf: FleetDashboardProps['dashboardOf'],
): IWidget {
  const links = byName(configs).map(
    (config) => `[${config.mwaaEnvironment}](#dashboards:name=${dashboardOf(config)})`,
  );
  return new TextWidget({
    markdown: `# ${title}\n${links.join(' · ')}`,
    width: fullWidth,
    height: 3,
  });
}

function widgetsOf(scope: Construct, part: RegionPart): IWidget[][] {
  const { configs, region } = part;
  // A period that is shorter than a monitor's own has points without that monitor.
  const period = Duration.minutes(Math.max(...configs.map(({ everyMinutes }) => everyMinutes)));
  const each = (nameOf: (own: MonitorNames) => string) =>
    byName(configs).map(({ mwaaEnvironment }) => nameOf(namesFor(mwaaEnvironment)));
  const rows = [graphs.slice(0, 3), graphs.slice(3)];
  return [
    ...alarmWidgets(scope, part, {
      title: 'Silent monitors',
      names: each(({ alarms }) => alarms.silent),
    }),
    ...alarmWidgets(scope, part, {
      title: 'Monitors with errors',
      names: each(({ alarms }) => alarms.failingErrors),
      states: [AlarmState.ALARM],
    }),
    ...rows.map((row) => row.map((graph) => worstGraph(graph, period, region))),
  ];
}

interface AlarmTiles {
  readonly title: string;
  readonly names: readonly string[];
  /** @default all */
  readonly states?: AlarmState[];
}

/** Tiles for alarms of other stacks, by their names: a reference would tie the stacks together. */
function alarmWidgets(
  scope: Construct,
  { region }: RegionPart,
  { title, names, states }: AlarmTiles,
): IWidget[][] {
  const alarms = names.map((alarmName) =>
    Alarm.fromAlarmArn(
      scope,
      ['Shown', region, alarmName].filter((part) => part !== undefined).join(' '),
      Stack.of(scope).formatArn({
        ...(region !== undefined && { region }),
        service: 'cloudwatch',
        resource: 'alarm',
        resourceName: alarmName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ),
  );
  const pages = Math.ceil(alarms.length / alarmsPerWidget);
  return Array.from({ length: pages }, (_, page) => [
    new AlarmStatusWidget({
      title: pages === 1 ? title : `${title} (${page + 1} of ${pages})`,
      alarms: alarms.slice(page * alarmsPerWidget, (page + 1) * alarmsPerWidget),
      sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
      ...(states && { states }),
      width: fullWidth,
      height: 4,
    }),
  ]);
}

function worstGraph(
  { title, metric, worst }: WorstOf,
  period: Duration,
  region: string | undefined,
): IWidget {
  return new GraphWidget({
    title,
    ...(region !== undefined && { region }),
    left: [new MathExpression({ expression: worstQuery(metric, worst), label: '', period })],
    leftYAxis: { min: 0, showUnits: false },
    width: graphWidth,
  });
}

/** A query of Metrics Insights: it finds new environments by itself. */
function worstQuery(metric: MetricKey, worst: WorstOf['worst']): string {
  const [statistic, order] = worst === 'highest' ? ['MAX', 'DESC'] : ['MIN', 'ASC'];
  const dimensions = isPerLogGroup(metric) ? 'Environment, LogGroup' : 'Environment';
  return [
    `SELECT ${statistic}(${metricDefinitions[metric].name})`,
    `FROM SCHEMA(${metricNamespace}, ${dimensions})`,
    'GROUP BY Environment',
    `ORDER BY ${statistic}() ${order}`,
    `LIMIT ${linesMax}`,
  ].join(' ');
}
