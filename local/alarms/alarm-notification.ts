import type { AlarmStateChange } from './alarm-evaluator.ts';

/** What CloudWatch publishes to a topic when an alarm changes its state. */
export interface AlarmNotification {
  /** The topics, one message each. */
  readonly topicArns: readonly string[];
  readonly subject: string;
  /** JSON. */
  readonly message: string;
}

/** SNS requires fewer than 100 characters. */
const maxSubjectCharacters = 99;

/** Region names as in these messages; other Regions appear by their code. */
const regionNames: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'eu-west-1': 'EU (Ireland)',
  'eu-central-1': 'EU (Frankfurt)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
};

/**
 * The message of an alarm's SNS action, as CloudWatch sends it, except
 * AlarmConfigurationUpdatedTimestamp: a local alarm was never configured.
 */
export function alarmNotification(change: AlarmStateChange): AlarmNotification {
  const { alarm, oldState, newState, reason, epochMs } = change;
  const region = regionNames[alarm.region] ?? alarm.region;
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: alarm.accountId,
    NewStateValue: newState,
    NewStateReason: reason,
    StateChangeTime: new Date(epochMs).toISOString().replace('Z', '+0000'),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: oldState,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    Trigger: {
      MetricName: alarm.metric.metricName,
      Namespace: alarm.metric.namespace,
      StatisticType: 'Statistic',
      Statistic: alarm.statistic === 'SampleCount' ? 'SAMPLE_COUNT' : alarm.statistic.toUpperCase(),
      Unit: alarm.unit ?? null,
      Dimensions: Object.entries(alarm.metric.dimensions).map(([name, value]) => ({ value, name })),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      DatapointsToAlarm: alarm.datapointsToAlarm,
      ComparisonOperator: alarm.comparisonOperator,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.treatMissingData,
      EvaluateLowSampleCountPercentile: '',
    },
  };
  return {
    topicArns: change.actions.filter((arn) => /^arn:[^:]+:sns:/.test(arn)),
    subject: subjectOf(newState, alarm.name, region),
    message: JSON.stringify(message),
  };
}

/** Printable ASCII; a long name is cut. */
function subjectOf(state: string, name: string, region: string): string {
  const printable = name.replace(/[^\x20-\x7e]/gu, '?');
  const room = maxSubjectCharacters - `${state}: "" in ${region}`.length;
  const shown = printable.length > room ? `${printable.slice(0, room - 3)}...` : printable;
  return `${state}: "${shown}" in ${region}`;
}
