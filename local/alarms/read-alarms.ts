import { z } from 'zod';
import { describeIssues } from '../../lambda/common/parse-input.ts';
import { type AwsPlace, localPlace, topicArn } from '../aws-place.ts';
import {
  comparisonOperators,
  type MetricAlarm,
  missingDataTreatments,
  statistics,
} from './metric-alarm.ts';

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

/** A synthesized CloudFormation template. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
}

/**
 * Resolves references and functions in a template value, as if the template were deployed to
 * `place`.
 *
 * Resources without a name are named by their logical ids, so that ARNs are the same in every run.
 * `AWS::NoValue` is undefined.
 *
 * @throws Error for a value that cannot be resolved without a deployment
 */
export function resolveValue(value: unknown, template: Template, place: AwsPlace): unknown {
  const resolve = (inner: unknown) => resolveValue(inner, template, place);
  if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;

  const [[name, argument] = [], ...others] = Object.entries(value);
  if (name === undefined || others.length > 0 || !/^(Ref|Fn::.*)$/.test(name)) {
    const members = Object.entries(value).map(([key, inner]) => [key, resolve(inner)]);
    return Object.fromEntries(members.filter(([, resolved]) => resolved !== undefined));
  }
  switch (name) {
    case 'Ref':
      return reference(String(argument), template, place);
    case 'Fn::GetAtt': {
      const [logicalId = '', attribute = ''] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split('.');
      return attributeOf(logicalId, attribute, template, place);
    }
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown];
      return (resolve(parts) as unknown[]).join(separator);
    }
    case 'Fn::Sub': {
      const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
        string,
        Record<string, unknown>,
      ];
      return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, inner: string) => {
        if (literal) return `\${${inner}}`;
        if (inner in variables) return String(resolve(variables[inner]));
        const [id = '', ...attribute] = inner.split('.');
        return attribute.length > 0
          ? attributeOf(id, attribute.join('.'), template, place)
          : String(reference(inner, template, place));
      });
    }
    default:
      throw new Error(`${name} cannot be resolved without a deployment`);
  }
}

function reference(name: string, template: Template, place: AwsPlace): unknown {
  switch (name) {
    case 'AWS::AccountId':
      return place.accountId;
    case 'AWS::Region':
      return place.region;
    case 'AWS::Partition':
      return place.partition;
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return 'local';
    case 'AWS::NoValue':
      return undefined;
  }
  const parameter = template.Parameters?.[name];
  if (parameter?.Default !== undefined) return parameter.Default;
  const resource = template.Resources[name];
  if (!resource) throw new Error(`the template has no value for ${name}`);
  const physicalName = nameOf(name, template, place);
  return resource.Type === 'AWS::SNS::Topic' ? topicArn(place, physicalName) : physicalName;
}

function attributeOf(
  logicalId: string,
  attribute: string,
  template: Template,
  place: AwsPlace,
): string {
  const resource = template.Resources[logicalId];
  if (!resource) throw new Error(`the template has no resource ${logicalId}`);
  const name = nameOf(logicalId, template, place);
  if (/Name$/.test(attribute)) return name;
  if (resource.Type === 'AWS::SNS::Topic' && attribute === 'TopicArn') return topicArn(place, name);
  if (resource.Type === 'AWS::Lambda::Function' && attribute === 'Arn') {
    return `arn:${place.partition}:lambda:${place.region}:${place.accountId}:function:${name}`;
  }
  if (resource.Type === alarmType && attribute === 'Arn') return alarmArn(place, name);
  throw new Error(`${attribute} of ${logicalId} cannot be resolved without a deployment`);
}

function nameOf(logicalId: string, template: Template, place: AwsPlace): string {
  const { Type, Properties = {} } = template.Resources[logicalId] ?? { Type: '' };
  // AWS::SNS::Topic has a TopicName, AWS::SQS::Queue a QueueName, and so on.
  const given = resolveValue(Properties[`${Type.split('::').at(-1)}Name`], template, place);
  return typeof given === 'string' ? given : logicalId;
}

const alarmType = 'AWS::CloudWatch::Alarm';

function alarmArn({ partition, region, accountId }: AwsPlace, name: string): string {
  return `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`;
}

const daySeconds = 86_400;
const hourSeconds = 3600;

const actionsSchema = z.array(z.string()).max(5).default([]);

const propertiesSchema = z.strictObject({
  AlarmName: z.string().min(1).max(255).optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: actionsSchema,
  OKActions: actionsSchema,
  InsufficientDataActions: actionsSchema,
  Namespace: z.string().min(1).max(255),
  MetricName: z.string().min(1).max(255),
  Dimensions: z
    .array(z.object({ Name: z.string().min(1), Value: z.string().min(1) }))
    .max(30)
    .default([]),
  Statistic: z.enum(statistics),
  Unit: z.string().optional(),
  Period: z.int().min(60, 'a period is at least 60 seconds here').multipleOf(60),
  EvaluationPeriods: z.int().min(1),
  DatapointsToAlarm: z.int().min(1).optional(),
  Threshold: z.number(),
  ComparisonOperator: z.enum(comparisonOperators),
  TreatMissingData: z.enum(missingDataTreatments).default('missing'),
  Tags: z.array(z.unknown()).optional(),
});

/**
 * Reads the alarms of a synthesized template, with topics at stable ARNs of `place`.
 *
 * @throws Error naming every alarm that cannot be evaluated here and why: metric math, anomaly
 * detection, percentiles, periods under a minute, composite and log alarms, conditions
 */
export function readAlarms(template: Template, place: AwsPlace = localPlace): MetricAlarm[] {
  const alarms: MetricAlarm[] = [];
  const refused: string[] = [];
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    if (!/^AWS::CloudWatch::\w*Alarm$/.test(resource.Type)) continue;
    const name = String(resource.Properties?.AlarmName ?? logicalId);
    try {
      alarms.push(readAlarm(logicalId, resource, template, place));
    } catch (error) {
      refused.push(`${name} (${(error as Error).message})`);
    }
  }
  if (refused.length > 0) {
    throw new Error(`alarms that cannot be evaluated here: ${refused.join(', ')}`);
  }
  return alarms;
}

function readAlarm(
  logicalId: string,
  resource: TemplateResource,
  template: Template,
  place: AwsPlace,
): MetricAlarm {
  if (resource.Type !== alarmType) throw new Error(`its type is ${resource.Type}`);
  if (resource.Condition) throw new Error(`it depends on the condition ${resource.Condition}`);

  const resolved = resolveValue(resource.Properties ?? {}, template, place);
  const parsed = propertiesSchema.safeParse(resolved);
  if (!parsed.success) throw new Error(describeIssues(parsed.error, resolved));
  const properties = parsed.data;
  const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = properties;
  const maxSeconds = Period < hourSeconds ? daySeconds : 7 * daySeconds;
  if (Period * EvaluationPeriods > maxSeconds) {
    throw new Error(
      `EvaluationPeriods times Period: at most ${maxSeconds} seconds, got ${Period * EvaluationPeriods}`,
    );
  }
  if (DatapointsToAlarm > EvaluationPeriods) {
    throw new Error(
      `DatapointsToAlarm: at most EvaluationPeriods (${EvaluationPeriods}), got ${DatapointsToAlarm}`,
    );
  }

  const name = properties.AlarmName ?? logicalId;
  return {
    name,
    arn: alarmArn(place, name),
    region: place.region,
    accountId: place.accountId,
    description: properties.AlarmDescription,
    actionsEnabled: properties.ActionsEnabled,
    actions: {
      ALARM: properties.AlarmActions,
      OK: properties.OKActions,
      INSUFFICIENT_DATA: properties.InsufficientDataActions,
    },
    metric: {
      namespace: properties.Namespace,
      metricName: properties.MetricName,
      dimensions: Object.fromEntries(properties.Dimensions.map(({ Name, Value }) => [Name, Value])),
    },
    unit: properties.Unit,
    statistic: properties.Statistic,
    periodSeconds: Period,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm,
    comparisonOperator: properties.ComparisonOperator,
    threshold: properties.Threshold,
    treatMissingData: properties.TreatMissingData,
  };
}
