import { templateOf } from '../synthesized.ts';
import {
  listed,
  resourcesOf,
  statementsOf,
  type TemplateJson,
  targetOf,
} from '../template-walk.ts';

const json = templateOf({ region: 'eu-west-1' }).toJSON() as TemplateJson;
const [[tableId, table] = []] = resourcesOf(json, 'AWS::DynamoDB::Table');
const [[keyId, key] = []] = resourcesOf(json, 'AWS::KMS::Key');
const statements = resourcesOf(json, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
  statementsOf(Properties.PolicyDocument),
);

test('the ledger is one table, billed per request, with two string keys', () => {
  expect(resourcesOf(json, 'AWS::DynamoDB::Table')).toHaveLength(1);
  expect(table?.Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
  });
});

test("the ledger is encrypted with the stack's key, can be restored, and expires items by expiresAt", () => {
  expect(table?.Properties).toMatchObject({
    SSESpecification: {
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] },
    },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
});

test('a deployment does not replace the ledger: its id never changes, and AWS names it', () => {
  expect(tableId).toBe('LedgerB7379752');
  expect(table?.Properties).not.toHaveProperty('TableName');
});

test('ledger and key are deleted with the stack, and the key waits as long as KMS allows', () => {
  expect(table).toMatchObject({ DeletionPolicy: 'Delete' });
  expect(table?.Properties.DeletionProtectionEnabled).not.toBe(true);
  expect(key).toMatchObject({ DeletionPolicy: 'Delete', Properties: { PendingWindowInDays: 30 } });
});

test('the scanner may read and write items of its ledger, and do nothing else in DynamoDB', () => {
  const onTables = statements.filter(({ Action }) =>
    listed(Action).some((action) => action.startsWith('dynamodb:')),
  );
  expect(onTables).toHaveLength(1);
  expect(targetOf(onTables[0]?.Resource)).toBe(tableId);
  expect(listed(onTables[0]?.Action ?? []).toSorted()).toEqual([
    'dynamodb:BatchWriteItem',
    'dynamodb:DeleteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
  ]);
});

test("the scanner may decrypt the ledger's own key through DynamoDB only", () => {
  const through = statements.filter(
    ({ Condition }) =>
      listed(Condition?.StringEquals?.['kms:ViaService'])[0] === 'dynamodb.eu-west-1.amazonaws.com',
  );
  expect(through.map(({ Action, Resource }) => [Action, targetOf(Resource)])).toEqual([
    ['kms:Decrypt', keyId],
  ]);
});
