import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type LogType, logGroupName, logTypes } from '../lambda/log-types.ts';
import type { EnvironmentConfig } from './environment-config.ts';
import type { MonitorMetrics } from './metrics.ts';
import type { MonitorNames } from './names.ts';

export interface MonitorAlarmsProps {
  readonly config: EnvironmentConfig;
  readonly names: MonitorNames;
  readonly metrics: MonitorMetrics;
  readonly topic: ITopic;
}

interface AlarmText {
  readonly meaning: string;
  readonly whatToDo: string;
  /** Name of a file of `docs/runbooks/`, without `.md`. */
  readonly runbook: string;
}

interface AlarmRule extends AlarmText {
  readonly name: string;
  readonly metric: IMetric;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  /** @default 1 */
  readonly periods?: number;
  readonly treatMissingData: TreatMissingData;
  /** Whether the end of it is news too. */
  readonly tellsRecovery: boolean;
}

const atLeast = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
const below = ComparisonOperator.LESS_THAN_THRESHOLD;

/** Every alarm of a monitor, all on one topic; none stands in front of another. */
export class MonitorAlarms extends Construct {
  /** What the logs say: somebody may have gained a role. */
  readonly privilege: Alarm[];
  /** What the monitor says about itself. */
  readonly health: Alarm[];
  private readonly action: IAlarmAction;

  constructor(scope: Construct, id: string, { config, names, metrics, topic }: MonitorAlarmsProps) {
    super(scope, id);
    this.action = new SnsAction(topic);
    const environment = config.mwaaEnvironment;

    const documented = config.notify.documentedAlarms ? logTypes : [];
    this.privilege = documented.map((logType) =>
      this.ring(`AddRole${logType}`, addRoleRule(environment, logType, names, metrics)),
    );
    this.health = [
      ...logTypes.map((logType) =>
        this.ring(`Blind${logType}`, blindRule(environment, logType, names, metrics)),
      ),
      this.ring('Silent', silentRule(environment, names, metrics)),
      this.ring('FailingErrors', errorsRule(environment, names, metrics)),
      this.ring('FailingDelivery', deliveryRule(environment, names, metrics)),
      this.ring('FailingRuns', runsRule(environment, names, metrics)),
    ];
  }

  private ring(id: string, rule: AlarmRule): Alarm {
    const periods = rule.periods ?? 1;
    const alarm = new Alarm(this, id, {
      alarmName: rule.name,
      alarmDescription: descriptionOf(rule),
      metric: rule.metric,
      comparisonOperator: rule.comparisonOperator,
      threshold: rule.threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      treatMissingData: rule.treatMissingData,
    });
    alarm.addAlarmAction(this.action);
    if (rule.tellsRecovery) alarm.addOkAction(this.action);
    return alarm;
  }
}

function descriptionOf({ meaning, whatToDo, runbook }: AlarmText): string {
  return `What it means: ${meaning}\nWhat to do: ${whatToDo}\nRunbook: docs/runbooks/${runbook}.md`;
}

function addRoleRule(
  environment: string,
  logType: LogType,
  names: MonitorNames,
  metrics: MonitorMetrics,
): AlarmRule {
  return {
    name: names.alarms.addRole(logType),
    metric: metrics.addRoleMatches(logType),
    comparisonOperator: atLeast,
    threshold: 1,
    // A failed scan writes no zero, and no data is no all-clear: the alarm then says that it does
    // not know, and rings anew at the next match. Why there is no data is another alarm's matter.
    treatMissingData: TreatMissingData.MISSING,
    // A period without a match takes nothing back.
    tellsRecovery: false,
    meaning: `log group ${logGroupName(environment, logType)} holds "add-role": somebody may have given an Airflow user a role in ${environment}, or a text or a name contains the word.`,
    whatToDo: `run the saved query ${names.savedQuery('add-role-lines')} over the last hours, read the lines, and take back a role that nobody approved.`,
    runbook: 'add-role',
  };
}

function blindRule(
  environment: string,
  logType: LogType,
  names: MonitorNames,
  metrics: MonitorMetrics,
): AlarmRule {
  return {
    name: names.alarms.blind(logType),
    metric: metrics.logGroupCovered(logType),
    comparisonOperator: below,
    threshold: 1,
    // The scanner says 0 itself when it cannot see a group; when the scanner says nothing at all,
    // the silent alarm rings, and five more would say nothing new.
    treatMissingData: TreatMissingData.MISSING,
    tellsRecovery: true,
    meaning: `log group ${logGroupName(environment, logType)} cannot be trusted to show privilege changes in ${environment}: it is missing, switched off, logged above INFO, or could not be checked.`,
    whatToDo: `read the cause in the scanner's log (${names.scannerLogGroup}) and set the log type to INFO in the MWAA environment.`,
    runbook: 'blind-log-group',
  };
}

function silentRule(environment: string, names: MonitorNames, metrics: MonitorMetrics): AlarmRule {
  return {
    name: names.alarms.silent,
    metric: metrics.scanCompleted,
    comparisonOperator: below,
    threshold: 1,
    periods: 3,
    // The dead man's switch: no heartbeat is the very thing it waits for.
    treatMissingData: TreatMissingData.BREACHING,
    tellsRecovery: true,
    meaning: `no scan of ${environment} was completed for three periods: privilege changes go unseen. Right after the first deployment it means that the first scan is still to come.`,
    whatToDo: `look at the last lines of ${names.scannerLogGroup} and at the schedule's rule.`,
    runbook: 'monitor-silent',
  };
}

/** What all three failing alarms share: they rest on AWS's own metrics. */
const failing = {
  comparisonOperator: atLeast,
  threshold: 1,
  tellsRecovery: true,
  runbook: 'monitor-failing',
};

function errorsRule(environment: string, names: MonitorNames, metrics: MonitorMetrics): AlarmRule {
  return {
    ...failing,
    name: names.alarms.failingErrors,
    metric: metrics.scannerErrors,
    // Lambda reports when the function runs; that it does not run is the silent alarm's matter.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    meaning: `a scan of ${environment} ended in an error; Lambda tries it once more.`,
    whatToDo: `read the error in ${names.scannerLogGroup}.`,
  };
}

function deliveryRule(
  environment: string,
  names: MonitorNames,
  metrics: MonitorMetrics,
): AlarmRule {
  return {
    ...failing,
    name: names.alarms.failingDelivery,
    metric: metrics.undeliveredTicks,
    // SQS stops reporting on a queue that has been empty and unused for hours.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    meaning: `EventBridge could not start a scan of ${environment}: that window was not read.`,
    whatToDo:
      'read the message in the queue of undelivered ticks, mend the cause, purge the queue.',
  };
}

function runsRule(environment: string, names: MonitorNames, metrics: MonitorMetrics): AlarmRule {
  return {
    ...failing,
    name: names.alarms.failingRuns,
    metric: metrics.failedRuns,
    // As for the other queue.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    meaning: `a scan of ${environment} failed twice and was given up: that window was not read.`,
    whatToDo: 'read the message in the queue of failed runs, mend the cause, purge the queue.',
  };
}
