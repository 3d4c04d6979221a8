import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type LogType, logGroupName } from '../lambda/log-types.ts';
import type { AlarmRule, AlarmSubject } from './alarm-rules.ts';

/** Rings for findings; who, whom and what stands in the notifications of the findings topic. */
export function privilegeChangeRule(
  { environment, names, metrics }: AlarmSubject,
  logType: LogType,
): AlarmRule {
  return {
    name: names.alarms.privilegeChange(logType),
    metric: metrics.privilegeChanges(logType),
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    periods: 1,
    // As for the documented query: no data is no all-clear.
    treatMissingData: TreatMissingData.MISSING,
    // A period without a change takes none back.
    tellsRecovery: false,
    meaning: `log group ${logGroupName(environment, logType)} shows a change of Airflow privileges in ${environment}, or an attempt, that no approved change covers.`,
    whatToDo:
      'read the notification of the finding: it names who, whom, what and when, with the lines of the log, and its own runbook.',
    runbook: 'privilege-change',
  };
}
