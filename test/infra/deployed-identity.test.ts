import { airflowTemplates } from './airflow-templates.ts';
import { templateOf } from './synthesized.ts';
import { resourcesOf, type TemplateJson } from './template-walk.ts';

/**
 * What holds data, or what people have confirmed, by the property that names it. CloudFormation makes a
 * new resource, and an empty one, when the logical id, the type or the physical name changes.
 */
const stateful: Readonly<Record<string, string | undefined>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::KMS::Key': undefined,
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::MWAA::Environment': 'Name',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Subscription': 'Endpoint',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
};

/** Logical id, type and physical name of each; `-` where AWS gives the name. */
function statefulOf({ Resources }: TemplateJson): string[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type in stateful)
    .map(([id, { Type, Properties }]) => {
      const nameField = stateful[Type];
      return `${id} ${Type} ${(nameField && Properties[nameField]) ?? '-'}`;
    })
    .toSorted();
}

const monitor = templateOf().toJSON() as TemplateJson;

test('a deployment replaces nothing stateful of a monitor', () => {
  expect(statefulOf(monitor)).toEqual([
    'AlarmTopicD01E77F9 AWS::SNS::Topic -',
    'AlarmTopiconcallexamplecomCD7D68CB AWS::SNS::Subscription oncall@example.com',
    'FindingsTopic9B5ACB53 AWS::SNS::Topic -',
    'FindingsTopiconcallexamplecom768D367C AWS::SNS::Subscription oncall@example.com',
    'Key961B73FD AWS::KMS::Key -',
    'LedgerB7379752 AWS::DynamoDB::Table -',
    'ScannerFailedRuns6470579A AWS::SQS::Queue -',
    'ScannerLogs1C107EEE AWS::Logs::LogGroup /mwaa-privilege-monitor/prod',
    'ScannerUndeliveredTicks039618F1 AWS::SQS::Queue -',
  ]);
});

test('a deployment replaces nothing stateful of a hardened environment, nor its key', () => {
  const { key, environment } = airflowTemplates();
  expect(statefulOf(key)).toEqual([
    'Key961B73FD AWS::KMS::Key -',
    'KeyAlias910D852D AWS::KMS::Alias alias/airflow-prod',
  ]);
  expect(statefulOf(environment)).toEqual([
    'AuditBucketB01E0AE8 AWS::S3::Bucket -',
    'Bucket83908E77 AWS::S3::Bucket -',
    'DAGProcessingLogsE0A72758 AWS::Logs::LogGroup airflow-prod-DAGProcessing',
    'Environment AWS::MWAA::Environment prod',
    'SchedulerLogs62325BF3 AWS::Logs::LogGroup airflow-prod-Scheduler',
    'TaskLogs5C7CDF8E AWS::Logs::LogGroup airflow-prod-Task',
    'WebServerLogs3B80FEA3 AWS::Logs::LogGroup airflow-prod-WebServer',
    'WorkerLogsC1193B08 AWS::Logs::LogGroup airflow-prod-Worker',
  ]);
});

// A new alarm need not be added here: an alarm has a history, and people have rules for its name.
test('alarms keep their ids and names', () => {
  const alarms = resourcesOf(monitor, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => {
    return `${id} ${String(Properties.AlarmName).replace('mwaa-privilege-monitor-prod-', '')}`;
  });
  expect(alarms).toEqual(
    expect.arrayContaining([
      'AlarmsPrivilegeChangeTask0AB2BD29 privilege-change-Task',
      'AlarmsAddRoleTask294FC0B9 add-role-Task',
      'AlarmsBlindTaskC68CB426 blind-Task',
      'AlarmsSilent2716AC15 silent',
      'AlarmsFailingErrors79A636CA failing-errors',
      'AlarmsFailingDeliveryADD7B7F4 failing-delivery',
      'AlarmsFailingRuns5277D231 failing-runs',
      'AlarmsDocumentedBehind58A3B8F7 documented-behind',
      'AlarmsBehindA1DDE87B behind',
      'AlarmsUndelivered3D473D67 undelivered',
      'AlarmsLateEC121E5B late',
      'AlarmsDetectionsRefusedF99640B7 detections-refused',
      'AlarmsTest647BCB85 test',
    ]),
  );
});
