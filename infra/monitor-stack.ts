import { Annotations, Aws, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logGroupName, logTypes } from '../lambda/log-types.ts';
import type { Detection } from '../queries/detection-schema.ts';
import { MonitorAlarms } from './alarms.ts';
import { monitorDashboard } from './dashboard.ts';
import { encryptionKey } from './encryption-key.ts';
import { deploymentPlace, type EnvironmentConfig } from './environment-config.ts';
import { expiryWarnings } from './expiry-warnings.ts';
import { ledgerTable } from './ledger-table.ts';
import { monitorMetrics } from './metrics.ts';
import { namesFor } from './names.ts';
import { alarmTopic, findingsTopic } from './notifications.ts';
import { SavedQueries } from './saved-queries.ts';
import { scanPlan } from './scan-plan.ts';
import { Scanner } from './scanner.ts';

export interface MonitorStackProps extends Omit<StackProps, 'env'> {
  readonly config: EnvironmentConfig;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
}

/** Everything that watches one MWAA environment. */
export class MonitorStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitorStackProps) {
    const { config, detections, ...stackProps } = props;
    super(scope, id, {
      description: `Watches MWAA environment ${config.mwaaEnvironment} for changes of Airflow privileges`,
      ...stackProps,
      env: deploymentPlace(config),
    });
    const { mwaaEnvironment } = config;
    const names = namesFor(mwaaEnvironment);

    const key = encryptionKey(this, names);
    const notifications = { names, key, emails: config.notify.email };
    const topic = alarmTopic(this, notifications);
    const findings = findingsTopic(this, notifications);
    const plan = scanPlan(detections, config);
    for (const { id, text } of expiryWarnings(config)) Annotations.of(this).addWarningV2(id, text);
    const ledger = ledgerTable(this, key);
    const scanner = new Scanner(this, 'Scanner', { config, plan, names, key, findings, ledger });
    const metrics = monitorMetrics(config, scanner);
    const alarms = new MonitorAlarms(this, 'Alarms', { config, names, metrics, topic });
    const detectionIds = plan.detections.map(({ id }) => id);
    monitorDashboard(this, { config, names, metrics, alarms, detectionIds });
    new SavedQueries(this, 'Queries', { detections, names });

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
