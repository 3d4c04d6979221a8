// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax of Fn::Sub

import { readAlarms, type Template } from '../../../local/alarms/read-alarms.ts';

const properties = {
  AlarmName: 'silent',
  AlarmActions: [{ Ref: 'AlarmTopic' }],
  Namespace: 'MwaaPrivilegeMonitor',
  MetricName: 'ScanCompleted',
  Dimensions: [{ Name: 'Environment', Value: 'prod' }],
  Statistic: 'Maximum',
  Period: 300,
  EvaluationPeriods: 3,
  Threshold: 1,
  ComparisonOperator: 'LessThanThreshold',
  TreatMissingData: 'breaching',
};

function template(changes: object = {}, resource: object = {}): Template {
  return {
    Parameters: { Suffix: { Default: 'x' } },
    Resources: {
      AlarmTopic: { Type: 'AWS::SNS::Topic' },
      NamedTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'on-call' } },
      Queue: { Type: 'AWS::SQS::Queue' },
      Silent: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { ...properties, ...changes },
        ...resource,
      },
    },
  };
}

test("an alarm is read with CloudFormation's defaults", () => {
  expect(readAlarms(template())).toEqual([
    {
      name: 'silent',
      arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:silent',
      region: 'us-east-1',
      accountId: '000000000000',
      description: undefined,
      actionsEnabled: true,
      actions: {
        ALARM: ['arn:aws:sns:us-east-1:000000000000:AlarmTopic'],
        OK: [],
        INSUFFICIENT_DATA: [],
      },
      metric: {
        namespace: 'MwaaPrivilegeMonitor',
        metricName: 'ScanCompleted',
        dimensions: { Environment: 'prod' },
      },
      unit: undefined,
      statistic: 'Maximum',
      periodSeconds: 300,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
    },
  ]);
});

test.each([
  [{ Ref: 'NamedTopic' }, 'arn:aws:sns:us-east-1:000000000000:on-call'],
  [{ 'Fn::GetAtt': ['AlarmTopic', 'TopicArn'] }, 'arn:aws:sns:us-east-1:000000000000:AlarmTopic'],
  [
    {
      'Fn::Join': [
        ':',
        [
          'arn',
          { Ref: 'AWS::Partition' },
          'sns',
          { Ref: 'AWS::Region' },
          { Ref: 'AWS::AccountId' },
          'a',
        ],
      ],
    },
    'arn:aws:sns:us-east-1:000000000000:a',
  ],
  [
    { 'Fn::Sub': 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Suffix}-${!Raw}' },
    'arn:aws:sns:us-east-1:000000000000:x-${Raw}',
  ],
  [{ 'Fn::Sub': ['${A}-${NamedTopic.TopicName}', { A: { Ref: 'Suffix' } }] }, 'x-on-call'],
])('the action %j is resolved', (action, arn) => {
  const [alarm] = readAlarms(template({ AlarmActions: [action, { Ref: 'AWS::NoValue' }] }));
  expect(alarm?.actions.ALARM).toEqual([arn]);
});

test('a queue without a name is named by its logical id', () => {
  const Value = { 'Fn::GetAtt': ['Queue', 'QueueName'] };
  const [alarm] = readAlarms(template({ Dimensions: [{ Name: 'QueueName', Value }] }));
  expect(alarm?.metric.dimensions).toEqual({ QueueName: 'Queue' });
});

test.each([
  ['metric math', { Metrics: [] }, 'Unrecognized key: "Metrics"'],
  ['anomaly detection', { ThresholdMetricId: 'ad1' }, 'Unrecognized key: "ThresholdMetricId"'],
  ['a percentile', { ExtendedStatistic: 'p99' }, 'Unrecognized key: "ExtendedStatistic"'],
  ['a band', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'ComparisonOperator: '],
  ['a short period', { Period: 10 }, 'Period: a period is at least 60 seconds here, got 10'],
  ['a period of a minute and a half', { Period: 90 }, 'Period: '],
  ['more than a day', { EvaluationPeriods: 289 }, 'at most 86400 seconds, got 86700'],
  ['M over N', { DatapointsToAlarm: 4 }, 'at most EvaluationPeriods (3), got 4'],
  ['an import', { AlarmActions: [{ 'Fn::ImportValue': 'x' }] }, 'Fn::ImportValue cannot be'],
  ['a stranger', { AlarmActions: [{ Ref: 'Nobody' }] }, 'the template has no value for Nobody'],
])('an alarm with %s is refused by name', (_what, changes, reason) => {
  expect(() => readAlarms(template(changes))).toThrow(/^alarms that cannot be .*: silent \(/);
  expect(() => readAlarms(template(changes))).toThrow(reason);
});

test.each([
  [{ Type: 'AWS::CloudWatch::CompositeAlarm' }, 'its type is AWS::CloudWatch::CompositeAlarm'],
  [{ Type: 'AWS::CloudWatch::LogAlarm' }, 'its type is AWS::CloudWatch::LogAlarm'],
  [{ Condition: 'IsProd' }, 'it depends on the condition IsProd'],
])('an alarm with %j is refused by name', (resource, reason) => {
  expect(() => readAlarms(template({}, resource))).toThrow(`silent (${reason})`);
});

test('one error names all refused alarms', () => {
  const { Resources } = template({ Period: 10 });
  const both = {
    Resources: { ...Resources, Other: { ...Resources.Silent, Type: 'AWS::CloudWatch::LogAlarm' } },
  };
  expect(() => readAlarms(both as Template)).toThrow(/silent \(Period.*, silent \(its type is/);
});
