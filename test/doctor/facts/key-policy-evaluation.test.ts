import {
  type KeyPlace,
  logsActions,
  logsMayUseKey,
} from '../../../doctor/facts/key-policy-evaluation.ts';
import { parsePolicy } from '../../../doctor/policy/policy-document.ts';

const account = '111122223333';
const place: KeyPlace = {
  partition: 'aws',
  region: 'eu-west-1',
  account,
  keyArn: `arn:aws:kms:eu-west-1:${account}:key/1`,
};
const group = `arn:aws:logs:eu-west-1:${account}:log-group:airflow-prod-Task`;

/**
 * The statement in MWAA's guide (Customer managed keys, 2026), with this account in the condition.
 */
const documented = {
  Sid: 'Allow logs access',
  Effect: 'Allow',
  Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
  Action: [
    'kms:Encrypt*',
    'kms:Decrypt*',
    'kms:ReEncrypt*',
    'kms:GenerateDataKey*',
    'kms:Describe*',
  ],
  Resource: '*',
  Condition: {
    ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:eu-west-1:${account}:*` },
  },
};

function outcomes(...statements: object[]) {
  const policy = parsePolicy(JSON.stringify({ Statement: statements }));
  return new Set(logsActions.map((action) => logsMayUseKey(policy, place, group, action).outcome));
}

test('the documented statement allows every action of CloudWatch Logs', () => {
  expect(outcomes(documented)).toEqual(new Set(['allowed']));
});

test('a statement for the account does not allow a service', () => {
  const root = { Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' };

  expect(outcomes(root)).toEqual(new Set(['not-allowed']));
});

test('a condition on a key that CloudWatch Logs is not documented to send is unknown', () => {
  const Condition = { StringEquals: { 'aws:SourceAccount': account } };

  expect(outcomes({ ...documented, Condition })).toEqual(new Set(['unknown']));
});

test('the encryption context is known to have only the log group’s ARN', () => {
  const Condition = {
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['aws:logs:arn'] },
  };

  expect(outcomes({ ...documented, Condition })).toEqual(new Set(['allowed']));
});

test('a statement applies if its resource is the key’s ARN, not if it is another key', () => {
  expect(outcomes({ ...documented, Resource: place.keyArn })).toEqual(new Set(['allowed']));
  expect(outcomes({ ...documented, Resource: `${place.keyArn}2` })).toEqual(
    new Set(['not-allowed']),
  );
});
