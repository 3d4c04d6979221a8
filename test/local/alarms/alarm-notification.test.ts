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
