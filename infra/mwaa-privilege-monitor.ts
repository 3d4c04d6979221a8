import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Annotations, Aws, type CfnElement, CfnOutput, Stack, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { logGroupName, logTypes } from '../lambda/model/log-types.ts';
import { expiredApprovals } from '../lambda/plan/approvals.ts';
import type { Detection } from '../queries/tools/detection-schema.ts';
import type { EnvironmentConfig } from './config/environment-config.ts';
import { type FleetNames, namesFor } from './config/names.ts';
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

/** CloudFormation's limit: a name that only the deployment knows may be as long. */
const stackNameMax = 128;

/** A monitor whose settings an environment's file has given, and which are checked. */
interface CheckedMonitorProps {
  readonly config: EnvironmentConfig;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
  /** The fleet whose stack holds the saved queries. @default the monitor's stack holds its own */
  readonly fleet?: FleetNames | undefined;
}

/**
 * Everything that watches one MWAA environment.
 *
 * What people see is named by the environment; CloudFormation names all else, so that several
 * monitors fit into one stack. With the id `Default` the logical ids are those of a stack that holds
 * the resources itself.
 */
export class MwaaPrivilegeMonitor extends Construct {
  /** Gets every privilege change. */
  readonly findingsTopic: ITopic;
  /** Gets every alarm. */
  readonly alarmsTopic: ITopic;
  /** All alarms but the one for tests. */
  readonly alarms: readonly Alarm[];
  readonly dashboard: Dashboard;
  /** What was read, seen and notified. */
  readonly ledgerTable: ITable;
  /** Reads the logs on a schedule. */
  readonly scannerFunction: IFunction;

  constructor(scope: Construct, id: string, props: CheckedMonitorProps) {
    super(scope, id);
    const { config, detections, fleet } = props;
    const { mwaaEnvironment } = config;
    const own = namesFor(mwaaEnvironment);
    const names = { ...own, savedQuery: fleet?.savedQuery ?? own.savedQuery };

    const key = encryptionKey(this, names);
    const notifications = { names, key, emails: config.notify.email };
    const topic = alarmTopic(this, notifications);
    const findings = findingsTopic(this, notifications);
    const plan = scanPlan(detections, config);
    for (const { id, text } of expiryWarnings(config)) Annotations.of(this).addWarningV2(id, text);
    const ledger = ledgerTable(this, key);
    const scanner = new Scanner(this, 'Scanner', { config, plan, names, key, findings, ledger });
    denyOtherPublishers(findings, scanner.role);
    const metrics = monitorMetrics(config, scanner);
    const alarms = new MonitorAlarms(this, 'Alarms', { config, names, metrics, topic });
    const { function: scanning, role, schedule, undeliveredTicks, failedRuns } = scanner;
    const stack = Stack.of(this);
    const idOf = ({ node }: Construct) => stack.getLogicalId(node.defaultChild as CfnElement);
    const longestStackName = Token.isUnresolved(stack.stackName)
      ? 'x'.repeat(stackNameMax)
      : stack.stackName;
    new TamperRules(this, 'Tampering', {
      longest: longestParts({ mwaaEnvironment, names }, longestStackName, {
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
    });
    const detectionIds = plan.detections.map(({ id }) => id);
    const dashboard = monitorDashboard(this, { config, names, metrics, alarms, detectionIds });
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
    this.output('ScannerFunctionName', scanning.functionName, 'Invoked by the schedule');
    this.output('ScannerLogGroup', names.scannerLogGroup, 'One JSON line for each decision');
    this.output('LedgerTableName', ledger.tableName, 'What was read, seen and notified');
    this.output('TestAlarmName', names.alarms.test, 'Rings for `privilege-monitor send-test` only');
    this.output('UndeliveredTicksUrl', undeliveredTicks.queueUrl, 'Should stay empty');
    this.output('FailedRunsUrl', failedRuns.queueUrl, 'Should stay empty');
    this.output(
      'WatchedLogGroups',
      logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)).join(' '),
      'What is read',
    );

    this.findingsTopic = findings;
    this.alarmsTopic = topic;
    this.alarms = alarms.shown;
    this.dashboard = dashboard;
    this.ledgerTable = ledger;
    this.scannerFunction = scanning;
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
