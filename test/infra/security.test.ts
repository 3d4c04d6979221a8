import { environmentSchema } from '../../infra/config/environment-config.ts';
import { alarmNames } from '../../infra/naming/names.ts';
import { valueAt } from '../../lambda/common/parse-input.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { templateOf } from './synthesized.ts';
import { listed, resourcesOf, statementsOf, type TemplateJson, targetOf } from './template-walk.ts';

const foreignKeyArn = 'arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const plain = templateOf().toJSON() as TemplateJson;
const full = templateOf({
  account: '111122223333',
  region: 'eu-west-1',
  logsKmsKeyArn: foreignKeyArn,
}).toJSON() as TemplateJson;

const roleStatements = (template: TemplateJson) =>
  resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    statementsOf(Properties.PolicyDocument),
  );
const granted = (template: TemplateJson, action: string) =>
  roleStatements(template).filter(({ Action }) => listed(Action).includes(action));

test('StartQuery is granted on the five log groups, each in both forms of its ARN', () => {
  const [statement, ...others] = granted(full, 'logs:StartQuery');
  const expected = logTypes.flatMap((logType) => {
    const arn = `arn:aws:logs:eu-west-1:111122223333:log-group:${logGroupName('prod', logType)}`;
    return [arn, `${arn}:*`];
  });
  expect(others).toEqual([]);
  expect(listed(statement?.Resource).toSorted()).toEqual(expected.toSorted());
});

test('log events are read in the streams of tasks only, for the owner of a DAG', () => {
  expect(granted(full, 'logs:GetLogEvents').map(({ Resource }) => Resource)).toEqual([
    `arn:aws:logs:eu-west-1:111122223333:log-group:${logGroupName('prod', 'Task')}:log-stream:*`,
  ]);
});

test('only actions that cannot be limited to a resource are granted on all resources', () => {
  const onAll = roleStatements(full)
    .filter(({ Resource }) => listed(Resource).includes('*'))
    .flatMap(({ Action }) => listed(Action));
  expect(onAll.toSorted()).toEqual([
    'cloudwatch:GetMetricData',
    'cloudwatch:PutMetricData',
    'logs:DescribeLogGroups',
    'logs:GetQueryResults',
    'logs:StopQuery',
  ]);
});

test('no action is granted by wildcard', () => {
  const actions = roleStatements(full).flatMap(({ Action }) => listed(Action));
  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
});

test("metrics can be published in the monitor's namespace only", () => {
  expect(granted(plain, 'cloudwatch:PutMetricData').map(({ Condition }) => Condition)).toEqual([
    { StringEquals: { 'cloudwatch:namespace': 'MwaaPrivilegeMonitor' } },
  ]);
});

test('GetEnvironment is granted on the one environment', () => {
  expect(granted(full, 'airflow:GetEnvironment').map(({ Resource }) => Resource)).toEqual([
    'arn:aws:airflow:eu-west-1:111122223333:environment/prod',
  ]);
});

const throughLogs = (template: TemplateJson) =>
  roleStatements(template).filter(({ Sid }) => Sid === 'ReadEncryptedLogsThroughCloudWatchLogs');

test.each([
  ['without a key configured', undefined, []],
  ['with the key of another account', foreignKeyArn, [foreignKeyArn]],
])(
  'encrypted log groups are read through CloudWatch Logs only, these five only: %s',
  (_case, logsKmsKeyArn, more) => {
    const place = { account: '111122223333', region: 'eu-west-1' };
    const template = templateOf({ ...place, ...(logsKmsKeyArn && { logsKmsKeyArn }) });
    const [statement, ...others] = throughLogs(template.toJSON() as TemplateJson);
    expect(others).toEqual([]);
    expect({ ...statement, Resource: listed(statement?.Resource) }).toEqual({
      Sid: 'ReadEncryptedLogsThroughCloudWatchLogs',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: ['arn:aws:kms:eu-west-1:111122223333:key/*', ...more],
      Condition: {
        StringEquals: {
          'kms:ViaService': ['logs.eu-west-1.amazonaws.com', 'logs.eu-west-1.amazonaws.com.cn'],
        },
        ArnEquals: {
          'kms:EncryptionContext:aws:logs:arn': logTypes.map(
            (logType) =>
              `arn:aws:logs:eu-west-1:111122223333:log-group:${logGroupName('prod', logType)}`,
          ),
        },
      },
    });
  },
);

test("keys may be used for encrypted logs only, apart from the monitor's own", () => {
  const [[keyId] = []] = resourcesOf(plain, 'AWS::KMS::Key');
  const others = granted(plain, 'kms:Decrypt').filter(
    ({ Sid }) => Sid !== 'ReadEncryptedLogsThroughCloudWatchLogs',
  );
  expect(new Set(others.map(({ Resource }) => targetOf(Resource)))).toEqual(new Set([keyId]));
});

test.each([
  ['AWS::SNS::Topic', ['KmsMasterKeyId']],
  ['AWS::SQS::Queue', ['KmsMasterKeyId']],
  ['AWS::Logs::LogGroup', ['KmsKeyId']],
  ['AWS::DynamoDB::Table', ['SSESpecification', 'KMSMasterKeyId']],
])("every %s is encrypted with the stack's key, which rotates", (type, property) => {
  const resources = resourcesOf(plain, type);
  expect(resources.length).toBeGreaterThan(0);
  for (const [, { Properties }] of resources) {
    const key = plain.Resources[targetOf(valueAt(Properties, property)) ?? ''];
    expect(key).toMatchObject({
      Type: 'AWS::KMS::Key',
      Properties: { EnableKeyRotation: true },
    });
  }
});

test.each([
  ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics'],
  ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues'],
])('every %s refuses requests without TLS', (type, policyType, property) => {
  const refusing = resourcesOf(plain, policyType)
    .filter(([, { Properties }]) =>
      statementsOf(Properties.PolicyDocument).some(
        ({ Effect, Condition }) =>
          Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
      ),
    )
    .flatMap(([, { Properties }]) => listed(Properties[property]).map(targetOf));
  expect(refusing.toSorted()).toEqual(
    resourcesOf(plain, type)
      .map(([id]) => id)
      .toSorted(),
  );
});

const topicNamed = (template: TemplateJson, name: string) =>
  resourcesOf(template, 'AWS::SNS::Topic').find(([id]) => id.startsWith(name))?.[0];

const allowedOn = (name: string) =>
  resourcesOf(full, 'AWS::SNS::TopicPolicy')
    .filter(([, { Properties }]) =>
      listed(Properties.Topics).some((topic) => targetOf(topic) === topicNamed(full, name)),
    )
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument))
    .filter(({ Effect }) => Effect === 'Allow');

const deniedOn = (name: string) =>
  resourcesOf(full, 'AWS::SNS::TopicPolicy')
    .filter(([, { Properties }]) =>
      listed(Properties.Topics).some((topic) => targetOf(topic) === topicNamed(full, name)),
    )
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument))
    .filter(({ Effect, Action }) => Effect === 'Deny' && Action === 'sns:Publish');

test("everybody but the scanner's role is denied to publish findings, even if IAM allows it", () => {
  const [denied, ...others] = deniedOn('FindingsTopic').filter(
    ({ Condition }) => Condition?.Bool === undefined,
  );
  expect(others).toEqual([]);
  const [[, scanner] = []] = resourcesOf(full, 'AWS::Lambda::Function');
  expect(denied).toMatchObject({
    Principal: { AWS: '*' },
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': scanner?.Properties.Role } },
  });
});

test('people and roles are denied to publish alarms: they act in the place of no source', () => {
  expect(deniedOn('AlarmTopic')).toContainEqual(
    expect.objectContaining({
      Principal: { AWS: '*' },
      Condition: { Null: { 'aws:SourceArn': 'true' } },
    }),
  );
});

test('no topic, queue or key denies anybody to administer it', () => {
  const policies = [
    ...resourcesOf(full, 'AWS::SNS::TopicPolicy').map(
      ([, { Properties }]) => Properties.PolicyDocument,
    ),
    ...resourcesOf(full, 'AWS::KMS::Key').map(([, { Properties }]) => Properties.KeyPolicy),
  ];
  const denied = policies
    .flatMap(statementsOf)
    .filter(({ Effect, Condition }) => Effect === 'Deny' && Condition?.Bool === undefined);
  expect(new Set(denied.flatMap(({ Action }) => listed(Action)))).toEqual(new Set(['sns:Publish']));
});

test("no policy of the findings topic allows publishing: only the scanner's role does", () => {
  expect(allowedOn('FindingsTopic')).toEqual([]);
  expect(granted(full, 'sns:Publish').map(({ Resource }) => targetOf(Resource))).toEqual([
    topicNamed(full, 'FindingsTopic'),
  ]);
  expect(topicNamed(full, 'FindingsTopic')).toBeDefined();
});

test("the scanner uses the monitor's key through the services that need it, never directly", () => {
  const [[keyId] = []] = resourcesOf(full, 'AWS::KMS::Key');
  const ofKey = roleStatements(full).filter(({ Resource }) => targetOf(Resource) === keyId);
  const services = ofKey.map(({ Condition }) => Condition?.StringEquals?.['kms:ViaService']);
  expect(services.map((names) => listed(names).map((name) => String(name).split('.')[0]))).toEqual([
    ['dynamodb', 'dynamodb'],
    ['sns', 'sns', 'sqs', 'sqs'],
  ]);
});

test('the scanner may encrypt what it publishes', () => {
  const [[keyId] = []] = resourcesOf(full, 'AWS::KMS::Key');
  for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
    expect(granted(full, action).map(({ Resource }) => targetOf(Resource))).toContain(keyId);
  }
});

test('each address gets alarms and findings', () => {
  const subscriptions = resourcesOf(plain, 'AWS::SNS::Subscription').map(([, { Properties }]) => [
    targetOf(Properties.TopicArn),
    Properties.Endpoint,
  ]);
  expect(subscriptions.toSorted()).toEqual(
    ['AlarmTopic', 'FindingsTopic'].map((name) => [topicNamed(plain, name), 'oncall@example.com']),
  );
});

const ofAlarms = {
  StringEquals: { 'aws:SourceAccount': '111122223333' },
  ArnEquals: {
    'aws:SourceArn': alarmNames('prod').map(
      (name) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
    ),
  },
};

test("only this account's alarms and rules of this monitor may publish alarms", () => {
  const rules = resourcesOf(full, 'AWS::Events::Rule')
    .filter(([, { Properties }]) => Properties.EventPattern !== undefined)
    .map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
  expect(rules.length).toBeGreaterThan(0);
  expect(allowedOn('AlarmTopic')).toEqual([
    expect.objectContaining({
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: ofAlarms,
    }),
    expect.objectContaining({
      Action: 'sns:Publish',
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': rules } },
    }),
  ]);
});

test("the key allows CloudWatch for this monitor's alarms only, and Logs for the scanner's group only", () => {
  const [[, key] = []] = resourcesOf(full, 'AWS::KMS::Key');
  const conditions = statementsOf(key?.Properties.KeyPolicy).map(({ Principal, Condition }) => [
    typeof Principal === 'object' ? Principal.Service : Principal,
    Condition,
  ]);
  expect(conditions).toContainEqual(['cloudwatch.amazonaws.com', ofAlarms]);
  expect(conditions).toContainEqual([
    'logs.eu-west-1.amazonaws.com',
    {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn':
          'arn:aws:logs:eu-west-1:111122223333:log-group:/mwaa-privilege-monitor/prod',
      },
    },
  ]);
});

test('an alias is refused as logsKmsKeyArn, which must be the ARN of the key itself', () => {
  const alias = 'arn:aws:kms:eu-west-1:111122223333:alias/mwaa';
  const { success } = environmentSchema.safeParse({ mwaaEnvironment: 'p', logsKmsKeyArn: alias });
  expect(success).toBe(false);
});
