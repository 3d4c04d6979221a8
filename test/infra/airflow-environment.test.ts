import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { airflowTemplates, importedKey, onlyResource } from './airflow-templates.ts';
import { resourcesOf } from './template-walk.ts';

const templates = airflowTemplates();
const { environment: base } = templates;

describe('the environment', () => {
  const { Properties, DependsOn } = onlyResource(base, 'AWS::MWAA::Environment');

  test('logs all five types at INFO', () => {
    const level = { Enabled: true, LogLevel: 'INFO' };
    expect(Properties.LoggingConfiguration).toEqual({
      DagProcessingLogs: level,
      SchedulerLogs: level,
      TaskLogs: level,
      WebserverLogs: level,
      WorkerLogs: level,
    });
  });

  test('has a private web server by default', () => {
    expect(Properties.WebserverAccessMode).toBe('PRIVATE_ONLY');
  });

  test("gets its key by ARN, from the key's stack", () => {
    expect(Properties.KmsKey).toEqual(importedKey(templates));
  });

  test('reads secrets from Secrets Manager, under its own name', () => {
    expect(Properties.AirflowConfigurationOptions).toMatchObject({
      'secrets.backend': expect.stringMatching(/SecretsManagerBackend$/),
      'secrets.backend_kwargs': JSON.stringify({
        connections_prefix: 'airflow/prod/connections',
        variables_prefix: 'airflow/prod/variables',
      }),
    });
  });

  test.each([
    'AWS::Logs::LogGroup',
    'AWS::IAM::Role',
    'AWS::S3::BucketPolicy',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::VPCEndpoint',
  ])('is created after every %s', (type) => {
    const ids = resourcesOf(base, type).map(([id]) => id);
    const waited = ids.filter((id) => DependsOn?.includes(id));
    // MWAA does not need the audit bucket's policy.
    expect(ids.filter((id) => !waited.includes(id) && !id.startsWith('Audit'))).toEqual([]);
    expect(waited.length).toBeGreaterThan(0);
  });
});

test('every field of the section reaches the environment', () => {
  const airflow = {
    airflowVersion: '2.10.3',
    environmentClass: 'mw1.large',
    minWorkers: 3,
    maxWorkers: 7,
    webserverAccess: 'PUBLIC_ONLY',
    vpc: {
      vpcId: 'vpc-0123456789abcdef0',
      subnetIds: ['subnet-0123456789abcdefa', 'subnet-0123456789abcdefb'],
    },
    dagS3Path: 'flows',
    requirementsS3Path: 'requirements.txt',
    requirementsS3ObjectVersion: 'v1',
    pluginsS3Path: 'plugins.zip',
    pluginsS3ObjectVersion: 'v2',
    airflowConfigurationOptions: { 'core.default_timezone': 'utc' },
    logRetentionDays: 400,
  };
  const { environment } = airflowTemplates(airflow);

  expect(onlyResource(environment, 'AWS::MWAA::Environment').Properties).toMatchObject({
    AirflowVersion: airflow.airflowVersion,
    EnvironmentClass: airflow.environmentClass,
    MinWorkers: airflow.minWorkers,
    MaxWorkers: airflow.maxWorkers,
    WebserverAccessMode: airflow.webserverAccess,
    NetworkConfiguration: { SubnetIds: airflow.vpc.subnetIds },
    DagS3Path: airflow.dagS3Path,
    RequirementsS3Path: airflow.requirementsS3Path,
    RequirementsS3ObjectVersion: airflow.requirementsS3ObjectVersion,
    PluginsS3Path: airflow.pluginsS3Path,
    PluginsS3ObjectVersion: airflow.pluginsS3ObjectVersion,
    AirflowConfigurationOptions: airflow.airflowConfigurationOptions,
  });
  for (const [, { Properties }] of resourcesOf(environment, 'AWS::Logs::LogGroup')) {
    expect(Properties.RetentionInDays).toBe(airflow.logRetentionDays);
  }
});

describe('the log groups', () => {
  const groups = resourcesOf(base, 'AWS::Logs::LogGroup');

  test('are the five of MWAA, under the names that it would give them', () => {
    expect(groups.map(([, { Properties }]) => Properties.LogGroupName)).toEqual(
      logTypes.map((logType) => logGroupName('prod', logType)),
    );
  });

  test("have the environment's key, and a retention", () => {
    for (const [, { Properties }] of groups) {
      expect(Properties).toMatchObject({ KmsKeyId: importedKey(templates), RetentionInDays: 90 });
    }
  });

  test('can be imported again: each has a literal name and is always retained', () => {
    for (const [, group] of groups) {
      expect(group).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { LogGroupName: expect.any(String) },
      });
    }
  });
});
