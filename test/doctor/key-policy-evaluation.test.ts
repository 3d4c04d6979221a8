import { type KeyPlace, logsActions, logsMayUseKey } from '../../doctor/key-policy-evaluation.ts';
import { parsePolicy } from '../../doctor/policy/policy-document.ts';

const account = '111122223333';
const place: KeyPlace = {
  partition: 'aws',
  region: 'eu-west-1',
  account,
  keyArn: `arn:aws:kms:eu-west-1:${account}:key/1`,
};
const group = `arn:aws:logs:eu-west-1:${account}:log-group:airflow-prod-Task`;

/** As MWAA's guide has it (Customer managed keys, 2026), with this account in the condition. */
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

test('the documented statement lets CloudWatch Logs do all that it does', () => {
  expect(outcomes(documented)).toEqual(new Set(['allowed']));
});

test('the account’s own statement is none for a service', () => {
  const root = { Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' };

  expect(outcomes(root)).toEqual(new Set(['not-allowed']));
});

test('a condition on what CloudWatch Logs is not known to send is unknown', () => {
  const Condition = { StringEquals: { 'aws:SourceAccount': account } };

  expect(outcomes({ ...documented, Condition })).toEqual(new Set(['unknown']));
});

test('the encryption context’s keys are known: the log group’s ARN alone', () => {
  const Condition = {
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['aws:logs:arn'] },
  };

  expect(outcomes({ ...documented, Condition })).toEqual(new Set(['allowed']));
});

test('a statement that names the key by its ARN counts, one that names another does not', () => {
  expect(outcomes({ ...documented, Resource: place.keyArn })).toEqual(new Set(['allowed']));
  expect(outcomes({ ...documented, Resource: `${place.keyArn}2` })).toEqual(
    new Set(['not-allowed']),
  );
});
