import { airflowTemplates, pipelineRole } from './airflow-templates.ts';
import { listed, resourcesOf, statementsOf } from './template-walk.ts';

const base = airflowTemplates();

/** The statements of the key's policy, by Sid; the one of the account has none. */
function policyOf({ key }: Pick<typeof base, 'key'>) {
  const [[, resource] = []] = resourcesOf(key, 'AWS::KMS::Key');
  const statements = statementsOf(resource?.Properties.KeyPolicy);
  return {
    statements,
    named: (sid: string) => statements.find((statement) => statement.Sid === sid),
  };
}

test('the key rotates, has an alias, and is no multi-Region key', () => {
  const [[keyId, key] = []] = resourcesOf(base.key, 'AWS::KMS::Key');
  expect(key?.Properties).toMatchObject({ EnableKeyRotation: true });
  expect(key?.Properties.MultiRegion).toBeUndefined();
  expect(resourcesOf(base.key, 'AWS::KMS::Alias').map(([, { Properties }]) => Properties)).toEqual([
    { AliasName: 'alias/airflow-prod', TargetKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] } },
  ]);
});

test.each(['AWS::KMS::Key', 'AWS::KMS::Alias'])('%s outlives its stack', (type) => {
  const policies = resourcesOf(base.key, type).map(([, resource]) => [
    resource.DeletionPolicy,
    resource.UpdateReplacePolicy,
  ]);
  // Except when the deployment that creates it fails: then nothing is encrypted with it.
  expect(policies).toEqual([['RetainExceptOnCreate', 'Retain']]);
});

test("the key's stack is protected from deletion, and its output is imported", () => {
  expect(base.isKeyProtected).toBe(true);
  const imports = JSON.stringify(base.environment).match(/"Fn::ImportValue":"[^"]+"/g) ?? [];
  expect(new Set(imports).size).toBe(1);
  expect(JSON.stringify(base.environment)).not.toContain('Fn::GetStackOutput');
});

test('the account can always manage the key', () => {
  expect(policyOf(base).statements).toContainEqual({
    Effect: 'Allow',
    Action: 'kms:*',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Resource: '*',
  });
});

test("CloudWatch Logs of this Region may use the key for this account's groups of the environment only", () => {
  const statement = policyOf(base).named('AllowCloudWatchLogsToEncryptTheEnvironmentsLogs');
  expect(statement).toMatchObject({
    Effect: 'Allow',
    Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
    Condition: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn':
          'arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-*',
      },
    },
  });
  expect(listed(statement?.Action).toSorted()).toEqual([
    'kms:Decrypt*',
    'kms:Describe*',
    'kms:Encrypt*',
    'kms:GenerateDataKey*',
    'kms:ReEncrypt*',
  ]);
});

test('only the account may change the key or its policy', () => {
  const others = policyOf(base).statements.filter(({ Action }) => Action !== 'kms:*');
  const actions = others.flatMap(({ Action }) => listed(Action));
  const changing = /^kms:(\*|Put|Update|Disable|Enable|Schedule|Delete|Create(?!Grant$))/;
  expect(actions).toContain('kms:CreateGrant');
  expect(actions.filter((action) => changing.test(action))).toEqual([]);
});

const grantSid = 'AllowCreatorsToGrantTheKeyToMwaa';

const creator = 'arn:aws:iam::111122223333:role/creator';

test.each([
  ['alone', {}],
  ['beside others', { creatorPrincipals: [creator] }],
])("CDK's deployment role may create the grants, %s", (_what, fields) => {
  expect(JSON.stringify(policyOf(airflowTemplates(fields)).named(grantSid)?.Principal)).toContain(
    ':iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1',
  );
});

test('creators may use the key and grant it, and nothing else', () => {
  const policy = policyOf(airflowTemplates({ creatorPrincipals: [creator] }));
  const statements = policy.statements.filter(
    ({ Principal }) =>
      typeof Principal === 'object' && listed(Principal.AWS).some((one) => one === creator),
  );
  expect(statements.flatMap(({ Action }) => listed(Action)).toSorted()).toEqual([
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey*',
    'kms:ListGrants',
    'kms:ReEncrypt*',
    'kms:RevokeGrant',
  ]);
});

test.each([
  [false, undefined],
  [true, { Bool: { 'kms:GrantIsForAWSResource': 'true' } }],
])('grants are for AWS resources only: %s', (grantIsForAwsResource, condition) => {
  const policy = policyOf(airflowTemplates({ grantIsForAwsResource }));
  expect(policy.named(grantSid)?.Condition).toEqual(condition);
});

test('DAG writers may use the key through S3 only', () => {
  expect(policyOf(base).named('AllowDagWritersToUseTheKeyThroughS3')).toMatchObject({
    Principal: { AWS: pipelineRole },
    Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
  });
});
