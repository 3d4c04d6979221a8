import { Alarm, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { logTypes } from '../lambda/log-types.ts';
import {
  type AlarmRule,
  addRoleRule,
  blindRule,
  deliveryRule,
  detectionsRefusedRule,
  errorsRule,
  runsRule,
  silentRule,
} from './alarm-rules.ts';
import { behindRule, documentedBehindRule, lateRule, undeliveredRule } from './delay-rules.ts';
import type { EnvironmentConfig } from './environment-config.ts';
import type { MonitorMetrics } from './metrics.ts';
import type { MonitorNames } from './names.ts';
import { privilegeChangeRule } from './privilege-change-rule.ts';
import { testRule } from './test-alarm-rule.ts';

export interface MonitorAlarmsProps {
  readonly config: EnvironmentConfig;
  readonly names: MonitorNames;
  readonly metrics: MonitorMetrics;
  readonly topic: ITopic;
}

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
    const subject = { environment: config.mwaaEnvironment, names, metrics };

    const documented = config.notify.documentedAlarms ? logTypes : [];
    this.privilege = [
      ...logTypes.map((logType) =>
        this.ring(`PrivilegeChange${logType}`, privilegeChangeRule(subject, logType)),
      ),
      ...documented.map((logType) => this.ring(`AddRole${logType}`, addRoleRule(subject, logType))),
    ];
    this.health = [
      ...logTypes.map((logType) => this.ring(`Blind${logType}`, blindRule(subject, logType))),
      this.ring('Silent', silentRule(subject)),
      this.ring('FailingErrors', errorsRule(subject)),
      this.ring('FailingDelivery', deliveryRule(subject)),
      this.ring('FailingRuns', runsRule(subject)),
      this.ring('DocumentedBehind', documentedBehindRule(subject, config)),
      this.ring('Behind', behindRule(subject, config)),
      this.ring('Undelivered', undeliveredRule(subject)),
      this.ring('Late', lateRule(subject, config)),
      this.ring('DetectionsRefused', detectionsRefusedRule(subject)),
    ];
    this.ring('Test', testRule(subject));
  }

  private ring(id: string, rule: AlarmRule): Alarm {
    const alarm = new Alarm(this, id, {
      alarmName: rule.name,
      alarmDescription: descriptionOf(rule),
      metric: rule.metric,
      comparisonOperator: rule.comparisonOperator,
      threshold: rule.threshold,
      evaluationPeriods: rule.periods,
      datapointsToAlarm: rule.periods,
      treatMissingData: rule.treatMissingData,
    });
    alarm.addAlarmAction(this.action);
    if (rule.tellsRecovery) alarm.addOkAction(this.action);
    return alarm;
  }
}

function descriptionOf({ meaning, whatToDo, runbook }: AlarmRule): string {
  return `What it means: ${meaning}\nWhat to do: ${whatToDo}\nRunbook: docs/runbooks/${runbook}.md`;
}
