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
import { type MonitorNames, namesFor } from '../config/names.ts';

interface FleetDashboardProps {
  readonly dashboardName: string;
  readonly configs: readonly EnvironmentConfig[];
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

/**
 * One page over all environments: which monitors are silent or fail, and the worst values of what can
 * be compared. A silent monitor has no values, so that its alarm shows it and no graph does.
 */
export function fleetDashboard(scope: Construct, props: FleetDashboardProps): Dashboard {
  const { dashboardName, configs } = props;
  const names = configs
    .map(({ mwaaEnvironment }) => mwaaEnvironment)
    .toSorted()
    .map((environment) => ({ environment, own: namesFor(environment) }));
  const links = names.map(
    ({ environment, own }) => `[${environment}](#dashboards:name=${own.dashboard})`,
  );
  // A period that is shorter than a monitor's own has points without that monitor.
  const period = Duration.minutes(Math.max(...configs.map(({ everyMinutes }) => everyMinutes)));
  const each = (nameOf: (own: MonitorNames) => string) => names.map(({ own }) => nameOf(own));
  return new Dashboard(scope, 'Dashboard', {
    dashboardName,
    defaultInterval: Duration.days(1),
    periodOverride: PeriodOverride.INHERIT,
    widgets: [
      [
        new TextWidget({
          markdown: `# Privilege monitors\n${links.join(' · ')}`,
          width: fullWidth,
          height: 3,
        }),
      ],
      ...alarmWidgets(
        scope,
        'Silent monitors',
        each(({ alarms }) => alarms.silent),
      ),
      ...alarmWidgets(
        scope,
        'Monitors with errors',
        each(({ alarms }) => alarms.failingErrors),
        [AlarmState.ALARM],
      ),
      graphs.slice(0, 3).map((graph) => worstGraph(graph, period)),
      graphs.slice(3).map((graph) => worstGraph(graph, period)),
    ],
  });
}

/** Tiles for alarms of other stacks, by their names: a reference would tie the stacks together. */
function alarmWidgets(
  scope: Construct,
  title: string,
  alarmNames: readonly string[],
  states?: AlarmState[],
): IWidget[][] {
  const alarms = alarmNames.map((alarmName) =>
    Alarm.fromAlarmArn(
      scope,
      `Shown ${alarmName}`,
      Stack.of(scope).formatArn({
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

function worstGraph({ title, metric, worst }: WorstOf, period: Duration): IWidget {
  return new GraphWidget({
    title,
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
