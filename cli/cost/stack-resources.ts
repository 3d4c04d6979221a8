import { metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { runtimeConfigVariable } from '../../lambda/plan/runtime-config.ts';
import { witnessConfigVariable } from '../../lambda/witness/witness-config.ts';
import { readAlarms, resolveValue, type Template } from '../../local/alarms/read-alarms.ts';
import { localPlace } from '../../local/aws-place.ts';

/** What a monitor's template deploys, as far as it costs by being there. */
export interface StackResources {
  /** The monitor's own metrics: each set of dimensions is billed as a metric of its own. */
  readonly metrics: readonly CountedMetric[];
  /** Alarms on one metric each, with a period of a minute or longer. */
  readonly alarms: readonly CountedAlarm[];
  readonly keys: number;
  readonly dashboards: number;
  readonly functionMegabytes: number;
  readonly functionArchitecture: 'arm64' | 'x86_64';
  /** Undefined without a second witness. */
  readonly witnessMegabytes: number | undefined;
}

interface CountedMetric {
  readonly name: string;
  /** The names of its dimensions. */
  readonly dimensions: readonly string[];
  /** How many sets of dimensions it has. */
  readonly count: number;
}

interface CountedAlarm {
  /** Its name without the monitor's, and without a log type. */
  readonly name: string;
  readonly metric: string;
  /** One, or one for each log group. */
  readonly count: number;
}

/** Resources that cost only by what they do, or nothing, and why. */
const notCounted: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'on demand: counted by its requests',
  'AWS::Events::EventBus': 'by the event: 1 dollar for a million',
  'AWS::Events::EventBusPolicy': 'free',
  'AWS::Events::Rule': 'the schedule and AWS’s own events are free',
  'AWS::IAM::Policy': 'free',
  'AWS::IAM::Role': 'free',
  'AWS::KMS::Alias': 'free',
  'AWS::Lambda::EventInvokeConfig': 'free',
  'AWS::Lambda::Permission': 'free',
  'AWS::Logs::LogGroup': 'counted by the bytes that are put',
  'AWS::Logs::QueryDefinition': 'free until somebody runs it',
  'AWS::SNS::Subscription': 'free',
  'AWS::SNS::Topic': 'by the message: 2 dollars for 100,000 mails',
  'AWS::SNS::TopicPolicy': 'free',
  'AWS::SQS::Queue': 'by the request: empty unless something fails',
  'AWS::SQS::QueuePolicy': 'free',
  'AWS::CDK::Metadata': 'free',
};

/** Resources that {@link stackResources} counts. */
const counted = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::KMS::Key',
  'AWS::Lambda::Function',
];

/**
 * Counts what a template deploys.
 *
 * @param prefix the beginning of the names of the monitor's alarms
 * @throws Error naming a resource whose price is not known here, such as a composite alarm
 */
export function stackResources(template: Template, prefix: string): StackResources {
  const types = Object.values(template.Resources).map(({ Type }) => Type);
  const unknown = types.find((type) => !counted.includes(type) && !(type in notCounted));
  if (unknown !== undefined) throw new Error(`the price of ${unknown} is not known`);
  const ofType = (type: string) => types.filter((one) => one === type).length;
  return {
    metrics: metricsIn(template),
    alarms: alarmsIn(template, prefix),
    keys: ofType('AWS::KMS::Key'),
    dashboards: ofType('AWS::CloudWatch::Dashboard'),
    ...functionIn(template),
  };
}

interface FunctionProperties {
  readonly MemorySize?: number;
  readonly Architectures?: readonly ('arm64' | 'x86_64')[];
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

/** The scanner, and the second witness if there is one, by the variables that they read. */
function functionIn(template: Template) {
  const functions = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties = {} }) => Properties as FunctionProperties);
  const reading = (variable: string) =>
    functions.find(({ Environment }) => Environment?.Variables?.[variable] !== undefined);
  const [scanner, witness] = [reading(runtimeConfigVariable), reading(witnessConfigVariable)];
  const known = [scanner, witness].filter((one) => one !== undefined);
  const [functionArchitecture = 'x86_64'] = scanner?.Architectures ?? [];
  if (scanner?.MemorySize === undefined || known.length !== functions.length) {
    throw new Error(
      `a monitor has a scanner with its memory, and at most a witness beside it, got ${functions.length} functions with ${functions.map(({ MemorySize }) => MemorySize).join(', ')} MB`,
    );
  }
  return {
    ...{ functionMegabytes: scanner.MemorySize, functionArchitecture },
    witnessMegabytes: witness?.MemorySize,
  };
}

function alarmsIn(template: Template, prefix: string): CountedAlarm[] {
  const alarms = readAlarms(template).map(({ name, metric }) => {
    const { LogGroup: logGroup = '' } = metric.dimensions;
    const ending = `-${logGroup.split('-').at(-1)}`;
    const whole = name.startsWith(prefix) ? name.slice(prefix.length + 1) : name;
    const isOfGroup = logGroup !== '' && whole.endsWith(ending);
    return {
      name: isOfGroup ? whole.slice(0, -ending.length) : whole,
      metric: metric.metricName,
    };
  });
  return [...Map.groupBy(alarms, ({ name }) => name)].map(([name, all]) => ({
    ...{ name, metric: all[0]?.metric ?? '', count: all.length },
  }));
}

/** A metric in a widget: namespace, name, then names and values of dimensions, then options. */
type WidgetMetric = readonly unknown[];

/** Alarms and dashboards name every metric of a monitor; a test compares them with what a tick puts. */
function metricsIn(template: Template): CountedMetric[] {
  const ofAlarms = readAlarms(template)
    .filter(({ metric }) => metric.namespace === metricNamespace)
    .map(({ metric }) => [metric.metricName, ...Object.entries(metric.dimensions).flat()]);
  const ofWidgets = dashboardsIn(template).flatMap(({ widgets }) =>
    widgets.flatMap(({ properties: { metrics = [] } }) =>
      metrics
        .filter(([namespace]) => namespace === metricNamespace)
        .map((metric) => metric.slice(1).filter((part) => typeof part === 'string')),
    ),
  );
  const distinct = new Map(
    [...ofWidgets, ...ofAlarms].map((metric) => [JSON.stringify(metric), metric]),
  );
  const byName = Map.groupBy(distinct.values(), ([name = '']) => String(name));
  return [...byName].map(([name, all]) => ({
    ...{ name, count: all.length },
    dimensions: (all[0] ?? [])
      .slice(1)
      .filter((_, at) => at % 2 === 0)
      .map(String),
  }));
}

interface DashboardBody {
  readonly widgets: readonly {
    readonly properties: { readonly metrics?: readonly WidgetMetric[] };
  }[];
}

function dashboardsIn(template: Template): DashboardBody[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
    .map(({ Properties = {} }) =>
      JSON.parse(String(resolveValue(Properties.DashboardBody, template, localPlace))),
    );
}
