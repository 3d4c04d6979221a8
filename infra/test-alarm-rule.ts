import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRule, AlarmSubject } from './alarm-rules.ts';

/**
 * Never rings by itself: `privilege-monitor send-test` sets its state by hand, to see an alarm's way to
 * people from end to end, and CloudWatch sets it back within the minute, as it does after every
 * SetAlarmState.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
 */
export function testRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    name: names.alarms.test,
    metric: metrics.scanCompleted,
    // No count is below zero.
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 0,
    periods: 1,
    // Back to OK with data and without, so that the next test is a change of state again: only a
    // change has actions.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    tellsRecovery: false,
    meaning: `somebody has tested whether the alarms of the privilege monitor of ${environment} reach people (npx privilege-monitor send-test). This alarm is only for tests and never rings by itself.`,
    whatToDo:
      'nothing: it has reached you. If nobody here has tested, look in CloudTrail who called SetAlarmState.',
    runbook: 'send-test',
  };
}
