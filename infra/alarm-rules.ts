import { ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type LogType, logGroupName, logTypes } from '../lambda/log-types.ts';
import type { MonitorMetrics } from './metrics.ts';
import type { MonitorNames } from './names.ts';
import { addRoleLinesId } from './saved-queries.ts';

/** What the rules speak of. */
export interface AlarmSubject {
  /** Name of the MWAA environment. */
  readonly environment: string;
  readonly names: MonitorNames;
  readonly metrics: MonitorMetrics;
}

/** One alarm, in full: when it rings, and what it tells whoever is rung. */
export interface AlarmRule {
  readonly name: string;
  readonly meaning: string;
  readonly whatToDo: string;
  /** Name of a file of `docs/runbooks/`, without `.md`. */
  readonly runbook: string;
  readonly metric: Metric;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  /** How many periods in a row it takes. */
  readonly periods: number;
  readonly treatMissingData: TreatMissingData;
  /** Whether the end of it is news too. */
  readonly tellsRecovery: boolean;
}

const atLeast = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
const below = ComparisonOperator.LESS_THAN_THRESHOLD;

export function addRoleRule(
  { environment, names, metrics }: AlarmSubject,
  logType: LogType,
): AlarmRule {
  return {
    name: names.alarms.addRole(logType),
    metric: metrics.addRoleMatches(logType),
    comparisonOperator: atLeast,
    threshold: 1,
    periods: 1,
    // A failed scan writes no zero, and no data is no all-clear: the alarm then says that it does
    // not know, and rings anew at the next match. Why there is no data is another alarm's matter.
    treatMissingData: TreatMissingData.MISSING,
    // A period without a match takes nothing back.
    tellsRecovery: false,
    meaning: `log group ${logGroupName(environment, logType)} holds "add-role": somebody may have given an Airflow user a role in ${environment}, or a text or a name contains the word.`,
    whatToDo: `in Logs Insights choose log group ${logGroupName(environment, logType)} and run the saved query ${names.savedQuery(addRoleLinesId, logTypes)} over the last hours, read the lines, and take back a role that nobody approved.`,
    runbook: 'add-role',
  };
}

export function blindRule(
  { environment, names, metrics }: AlarmSubject,
  logType: LogType,
): AlarmRule {
  return {
    name: names.alarms.blind(logType),
    metric: metrics.logGroupCovered(logType),
    comparisonOperator: below,
    threshold: 1,
    periods: 1,
    // The scanner says 0 itself when it cannot see a group; when the scanner says nothing at all,
    // the silent alarm rings, and five more would say nothing new.
    treatMissingData: TreatMissingData.MISSING,
    tellsRecovery: true,
    meaning: `log group ${logGroupName(environment, logType)} cannot be trusted to show privilege changes in ${environment}: it is missing, switched off, logged above INFO, silent though logTypes of the environment's file calls it never-silent, kept too short, or could not be read or checked. It is caught up when it can be read again.`,
    whatToDo: `read the cause in the notification or in the scanner's log (${names.scannerLogGroup}), mend it, and see that the log type is enabled at INFO in the MWAA environment, or is optional in logTypes if it is meant to be off. That a log type which may be quiet misses its usual hours rings no alarm: one low notice tells of it.`,
    runbook: 'blind-log-group',
  };
}

export function silentRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    name: names.alarms.silent,
    metric: metrics.scanCompleted,
    comparisonOperator: below,
    threshold: 1,
    periods: 3,
    // The dead man's switch: no heartbeat is the very thing it waits for.
    treatMissingData: TreatMissingData.BREACHING,
    tellsRecovery: true,
    meaning: `no scan of ${environment}, of the documented query and of the detections, was completed for three periods: privilege changes go unseen until one is, which then catches up. Right after the first deployment it means that the first scan is still to come.`,
    whatToDo: `look at the last lines of ${names.scannerLogGroup} and at the schedule's rule.`,
    runbook: 'monitor-silent',
  };
}

/** Logs Insights does not take a detection's query: that detection is not watched. */
export function detectionsRefusedRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    name: names.alarms.detectionsRefused,
    metric: metrics.detectionsRefused,
    comparisonOperator: atLeast,
    threshold: 1,
    periods: 1,
    // While no scan runs, nobody knows; filled in as good, the end of the data would send an all-clear.
    treatMissingData: TreatMissingData.IGNORE,
    tellsRecovery: true,
    meaning: `Logs Insights refuses the queries of detections of ${environment}: privilege changes that only those detections see go unseen. All other detections and AddRoleMatches go on. A notification names each of them with the words of AWS.`,
    whatToDo: `read those words, correct or disable the detection, and deploy; until then look for its lines by hand, as the runbook says.`,
    runbook: 'detection-refused',
  };
}

/** What all three failing alarms share: they rest on AWS's own metrics. */
const failing = {
  comparisonOperator: atLeast,
  threshold: 1,
  periods: 1,
  tellsRecovery: true,
  runbook: 'monitor-failing',
};

export function errorsRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    ...failing,
    name: names.alarms.failingErrors,
    metric: metrics.scannerErrors,
    // Lambda reports when the function runs; that it does not run is the silent alarm's matter.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    meaning: `a scan of ${environment} ended in an error; Lambda tries it once more, and the next one catches up with what was not read.`,
    whatToDo: `read the error in ${names.scannerLogGroup}.`,
  };
}

export function deliveryRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    ...failing,
    name: names.alarms.failingDelivery,
    metric: metrics.undeliveredTicks,
    // SQS stops reporting on a queue that has been empty and unused for hours.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    meaning: `EventBridge could not start a scan of ${environment}: the next scan that it can start catches up.`,
    whatToDo:
      'read the message in the queue of undelivered ticks, mend the cause, purge the queue.',
  };
}

export function runsRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    ...failing,
    name: names.alarms.failingRuns,
    metric: metrics.failedRuns,
    // As for the other queue.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    meaning: `a scan of ${environment} failed twice and was given up: the next scan that succeeds catches up.`,
    whatToDo: 'read the message in the queue of failed runs, mend the cause, purge the queue.',
  };
}
