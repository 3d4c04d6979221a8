import { z } from 'zod';
import { describeIssues } from '../../lambda/common/schema-issues.ts';
import { type AwsPlace, localPlace } from '../aws-place.ts';
import {
  comparisonOperators,
  type MetricAlarm,
  missingDataTreatments,
  statistics,
} from './metric-alarm.ts';
import { resolveValue, type Template, type TemplateResource } from './template-values.ts';

const alarmType = 'AWS::CloudWatch::Alarm';

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
    arn: `arn:${place.partition}:cloudwatch:${place.region}:${place.accountId}:alarm:${name}`,
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
