import type { PolicyStatement } from '../../../doctor/policy/policy-document.ts';
import { place } from '../airflow-templates.ts';
import type { OneTemplate } from '../deployed-templates.ts';
import { monitorDeployment, monitorTemplate } from './deployments.ts';
import { accessesOf } from './needs/function-accesses.ts';
import { recordCalls } from './needs/record-calls.ts';
import { DeployedAccess, policiesOf } from './policy/deployed-access.ts';
import { distinct, neededByNobody, type Proof, refused, wronglyAllowed } from './proof.ts';

const { access, around, config } = monitorDeployment([monitorTemplate()]);
const calls = await recordCalls(config);
const proof: Proof = {
  ...{ access, place },
  needed: distinct(calls.flatMap((call) => accessesOf(call, around))),
  ...{ administered: [], forbidden: [] },
};

/** The same with the function's policy changed. */
function withPolicy(
  change: (statements: readonly PolicyStatement[]) => readonly PolicyStatement[],
) {
  const policy = access.policies.find(({ kind }) => kind === 'identity');
  if (policy === undefined) throw new Error('the function has no policy');
  const statements = [...change(policy.document.statements)];
  return { ...proof, access: access.replacing(policy, { statements }) };
}

const changed = (sid: string, changes: Partial<PolicyStatement>) =>
  withPolicy((statements) =>
    statements.map((one) => (one.Sid === sid ? { ...one, ...changes } : one)),
  );

test.each<[string, Proof, string]>([
  [
    'another table',
    changed('RememberInTheLedger', { Resource: ['*'] }),
    'other name: ScannerRoleAF3242AA: dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111122223333:table/xLedgerB7379752',
  ],
  [
    'another environment’s log group',
    changed('QueryTheFiveLogGroups', {
      Resource: ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-*'],
    }),
    'other name: ScannerRoleAF3242AA: logs:StartQuery on arn:aws:logs:eu-west-1:111122223333:log-group:airflow-staging-Task',
  ],
  [
    'another namespace',
    changed('PublishOwnMetrics', { Condition: {} }),
    'other key cloudwatch:namespace: value: ScannerRoleAF3242AA: cloudwatch:PutMetricData on *, cloudwatch:namespace MwaaPrivilegeMonitor2',
  ],
  [
    'another topic',
    changed('PublishFindings', { Resource: ['arn:aws:sns:*:111122223333:*'] }),
    'other Region: ScannerRoleAF3242AA: sns:Publish on arn:aws:sns:us-west-2:111122223333:FindingsTopic9B5ACB53',
  ],
  [
    'another service’s use of the key',
    changed('ReadTheLedgersKeyThroughDynamoDb', { Condition: {} }),
    'other key kms:ViaService: service: ScannerRoleAF3242AA: kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/5cca0171-6769-6ef7-dbb3-200420fb42b2, kms:ViaService ec2.eu-west-1.amazonaws.com',
  ],
])('a right that reaches %s is seen', (_what, wider, found) => {
  expect(wronglyAllowed(proof)).toEqual([]);
  expect(wronglyAllowed(wider)).toContain(found);
});

test('a right that nothing needs is seen', () => {
  const more = withPolicy((statements) => [
    ...statements,
    { Effect: 'Allow', Action: ['dynamodb:Scan', 'logs:GetLogEvents'], Resource: ['*'] },
  ]);
  expect(neededByNobody(proof)).toEqual([]);
  const found = neededByNobody(more);
  expect(found).toContain(
    'ScannerRoleAF3242AA: dynamodb:Scan on arn:aws:dynamodb:eu-west-1:111122223333:table/LedgerB7379752',
  );
  expect(found).toContain(
    'ScannerRoleAF3242AA: logs:GetLogEvents on arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-Worker:log-stream:any',
  );
  expect(found).toContain(
    'ScannerRoleAF3242AA: dynamodb:Scan on arn:aws:dynamodb:eu-west-1:111122223333:table/stranger',
  );
});

test('a right that is missing is seen', () => {
  const less = withPolicy((statements) =>
    statements.filter(({ Sid }) => Sid !== 'PublishFindings'),
  );
  expect(refused(proof)).toEqual([]);
  expect(refused(less)).toEqual([
    'ScannerRoleAF3242AA: sns:Publish on arn:aws:sns:eu-west-1:111122223333:FindingsTopic9B5ACB53',
  ]);
});

test('a boundary that lacks a right takes it from the role', () => {
  const limited = new DeployedAccess(access.policies, place.accountId, {
    statements: [{ Effect: 'Allow', Action: ['logs:*'], Resource: ['*'] }],
  });
  expect(refused({ ...proof, access: limited }).length).toBeGreaterThan(10);
  expect(refused({ ...proof, access: limited }).filter((what) => /: logs:/.test(what))).toEqual([]);
});

test('a policy in a place where none is read is an error', () => {
  const template = monitorTemplate();
  const Statement = [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*', Principal: '*' }];
  const changedTable: OneTemplate = {
    ...template,
    Resources: Object.fromEntries(
      Object.entries(template.Resources).map(([id, resource]) => [
        id,
        resource.Type === 'AWS::DynamoDB::Table'
          ? {
              ...resource,
              Properties: {
                ...resource.Properties,
                ResourcePolicy: { PolicyDocument: { Version: '2012-10-17', Statement } },
              },
            }
          : resource,
      ]),
    ),
  };
  const read = policiesOf([template], place).length;
  expect(() => policiesOf([changedTable], place)).toThrow(
    `the templates have ${read + 1} policies, of which ${read} are read here`,
  );
});
