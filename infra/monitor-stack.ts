import {
  Annotations,
  Aws,
  type CfnElement,
  CfnOutput,
  Stack,
  type StackProps,
} from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logGroupName, logTypes } from '../lambda/model/log-types.ts';
import { expiredApprovals } from '../lambda/plan/approvals.ts';
import type { Detection } from '../queries/tools/detection-schema.ts';
import { deploymentPlace, type EnvironmentConfig } from './config/environment-config.ts';
import { type FleetNames, namesFor } from './config/names.ts';
import { commonStackProps } from './config/stack-settings.ts';
import { scanPlan } from './function/scan-plan.ts';
import { Scanner } from './function/scanner.ts';
import { encryptionKey, ledgerTable } from './resources/resources.ts';
import { alarmTopic, denyOtherPublishers, findingsTopic } from './resources/topics.ts';
import { MonitorAlarms } from './watch/alarms.ts';
import { monitorDashboard } from './watch/dashboard.ts';
import { monitorMetrics } from './watch/metrics.ts';
import { SavedQueries } from './watch/saved-queries.ts';
import { longestParts } from './watch/tamper-patterns.ts';
import { TamperRules } from './watch/tamper-rules.ts';

/** The warnings at synth about expired approvals, whose changes alert again. */
export function expiryWarnings(
  { approvedChanges }: Pick<EnvironmentConfig, 'approvedChanges'>,
  nowEpochMs = Date.now(),
): { readonly id: string; readonly text: string }[] {
  return expiredApprovals(approvedChanges, nowEpochMs).map((approval) => {
    const at = approvedChanges.indexOf(approval);
    return {
      id: `mwaa-privilege-monitor:expired-approval-${at}`,
      text: `approvedChanges[${at}].expires: the approval of DAG ${approval.dag} has expired, and such changes alert again: renew or remove it, got ${JSON.stringify(approval.expires)}`,
    };
  });
}

/** The warning at synth about alarms that notify nobody. */
function alarmMailsWarning({ notify }: EnvironmentConfig) {
  if (notify.alarmMails) return [];
  return [
    {
      id: 'mwaa-privilege-monitor:no-alarm-mails',
      text: 'notify.alarmMails: false makes the mail of a finding the only notice of a privilege change: if somebody removes its subscription, or SNS cannot publish it, only the alarm undelivered and the notices about changes of the monitor tell',
    },
  ];
}

interface MonitorStackProps extends Omit<StackProps, 'env'> {
  readonly config: EnvironmentConfig;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
  /** The fleet whose stack holds the saved queries. @default this stack holds its own */
  readonly fleet?: FleetNames | undefined;
}

/** Everything that watches one MWAA environment. */
export class MonitorStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitorStackProps) {
    const { config, detections, fleet, ...stackProps } = props;
    super(scope, id, {
      description: `Watches MWAA environment ${config.mwaaEnvironment} for changes of Airflow privileges`,
      ...stackProps,
      env: deploymentPlace(config),
      terminationProtection: config.terminationProtection,
      ...commonStackProps(config),
    });
    const { mwaaEnvironment } = config;
    const own = namesFor(mwaaEnvironment);
    const names = { ...own, savedQuery: fleet?.savedQuery ?? own.savedQuery };

    const key = encryptionKey(this, names);
    const notifications = { names, key, emails: config.notify.email };
    const topic = alarmTopic(this, notifications);
    const findings = findingsTopic(this, notifications);
    const plan = scanPlan(detections, config);
    for (const { id, text } of [...expiryWarnings(config), ...alarmMailsWarning(config)]) {
      Annotations.of(this).addWarningV2(id, text);
    }
    const ledger = ledgerTable(this, key);
    const scanner = new Scanner(this, 'Scanner', { config, plan, names, key, findings, ledger });
    denyOtherPublishers(findings, scanner.role);
    const metrics = monitorMetrics(config, scanner);
    const alarms = new MonitorAlarms(this, 'Alarms', { config, names, metrics, topic });
    const { function: scanning, role, schedule, undeliveredTicks, failedRuns } = scanner;
    const idOf = ({ node }: Construct) => this.getLogicalId(node.defaultChild as CfnElement);
    new TamperRules(this, 'Tampering', {
      longest: longestParts({ mwaaEnvironment, names }, this.stackName, {
        scanner: idOf(scanning),
        role: idOf(role),
        schedule: idOf(schedule),
        table: idOf(ledger),
        queues: [undeliveredTicks, failedRuns].map(idOf),
        topics: [topic, findings].map(idOf),
      }),
      parts: {
        ...{ mwaaEnvironment, names },
        stackName: Aws.STACK_NAME,
        functionName: scanning.functionName,
        roleName: role.roleName,
        scheduleName: schedule.ruleName,
        tableName: ledger.tableName,
        keyId: key.keyId,
        queueNames: [undeliveredTicks.queueName, failedRuns.queueName],
        topicNames: [topic.topicName, findings.topicName],
      },
      topic,
      undelivered: undeliveredTicks,
      runbookBaseUrl: config.runbookBaseUrl,
    });
    const detectionIds = plan.detections.map(({ id }) => id);
    monitorDashboard(this, { config, names, metrics, alarms, detectionIds });
    if (fleet === undefined) new SavedQueries(this, 'Queries', { detections, names });

    this.output('AlarmTopicArn', topic.topicArn, 'Subscribe here to be notified of every alarm');
    this.output(
      'FindingsTopicArn',
      findings.topicArn,
      'Subscribe here to be notified of every privilege change',
    );
    this.output('DashboardName', names.dashboard, 'CloudWatch dashboard');
    this.output(
      'DashboardUrl',
      `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#dashboards/dashboard/${names.dashboard}`,
      'The dashboard in the console (partition aws)',
    );
    this.output('ScannerFunctionName', scanner.function.functionName, 'Invoked by the schedule');
    this.output('ScannerLogGroup', names.scannerLogGroup, 'One JSON line for each decision');
    this.output('LedgerTableName', ledger.tableName, 'What was read, seen and notified');
    this.output('TestAlarmName', names.alarms.test, 'Rings for `privilege-monitor send-test` only');
    this.output('UndeliveredTicksUrl', scanner.undeliveredTicks.queueUrl, 'Should stay empty');
    this.output('FailedRunsUrl', scanner.failedRuns.queueUrl, 'Should stay empty');
    this.output(
      'WatchedLogGroups',
      logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)).join(' '),
      'What is read',
    );
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
