import { alarmNotification } from '../../../local/alarms/alarm-book.ts';
import type { AlarmStateChange } from '../../../local/alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../../local/alarms/metric-alarm.ts';
import { baseAlarm, topic } from './base-alarm.ts';

function change(alarm: Partial<MetricAlarm> = {}): AlarmStateChange {
  return {
    alarm: baseAlarm(alarm),
    oldState: 'OK',
    newState: 'ALARM',
    reason: 'Threshold Crossed',
    epochMs: Date.parse('2026-11-22T05:53:00Z'),
    actions: [topic, 'arn:aws:lambda:us-east-1:000000000000:function:f'],
  };
}

test('the message has the members that CloudWatch sends', () => {
  expect(JSON.parse(alarmNotification(change()).message)).toEqual({
    AlarmName: 'add-role-Task',
    AlarmDescription: 'somebody may have given a role',
    AWSAccountId: '000000000000',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2026-11-22T05:53:00.000+0000',
    Region: 'US East (N. Virginia)',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:add-role-Task',
    OldStateValue: 'OK',
    OKActions: [],
    AlarmActions: [topic],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'AddRoleMatches',
      Namespace: 'MwaaPrivilegeMonitor',
      StatisticType: 'Statistic',
      Statistic: 'MAXIMUM',
      Unit: null,
      Dimensions: [
        { value: 'prod', name: 'Environment' },
        { value: 'airflow-prod-Task', name: 'LogGroup' },
      ],
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      TreatMissingData: 'missing',
      EvaluateLowSampleCountPercentile: '',
    },
  });
});

test('the subject names state, alarm and Region', () => {
  expect(alarmNotification(change()).subject).toBe(
    'ALARM: "add-role-Task" in US East (N. Virginia)',
  );
});

test('messages go only to topics', () => {
  expect(alarmNotification(change()).topicArns).toEqual([topic]);
});

test.each(['x'.repeat(255), 'é'.repeat(80), 'a\nb'])(
  'the subject for an alarm named %p is valid in SNS',
  (name) => {
    expect(alarmNotification(change({ name })).subject).toMatch(/^[ -~]{1,99}$/);
  },
);

test('the mail is the text that CloudWatch writes for mail, not the JSON', () => {
  expect(alarmNotification(change({ unit: 'Count' })).email).toBe(
    `You are receiving this email because your Amazon CloudWatch Alarm "add-role-Task" in the US East (N. Virginia) region has entered the ALARM state, because "Threshold Crossed" at "Sunday 22 November, 2026 05:53:00 UTC".

View this alarm in the AWS Management Console:
https://us-east-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=us-east-1#alarmsV2:alarm/add-role-Task

Alarm Details:
- Name:                       add-role-Task
- Description:                somebody may have given a role
- State Change:               OK -> ALARM
- Reason for State Change:    Threshold Crossed
- Timestamp:                  Sunday 22 November, 2026 05:53:00 UTC
- AWS Account:                000000000000
- Alarm Arn:                  arn:aws:cloudwatch:us-east-1:000000000000:alarm:add-role-Task

Threshold:
- The alarm is in the ALARM state when the metric is GreaterThanOrEqualToThreshold 1.0 for at least 1 of the last 1 period(s) of 60 seconds.

Monitored Metric:
- MetricNamespace:                     MwaaPrivilegeMonitor
- MetricName:                          AddRoleMatches
- Dimensions:                          [Environment = prod] [LogGroup = airflow-prod-Task]
- Period:                              60 seconds
- Statistic:                           Maximum
- Unit:                                Count
- TreatMissingData:                    missing


State Change Actions:
- OK:${' '}
- ALARM: [${topic}]
- INSUFFICIENT_DATA:${' '}
`,
  );
});
