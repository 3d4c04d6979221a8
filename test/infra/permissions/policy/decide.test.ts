import { parsePolicy } from '../../../../doctor/policy/policy-document.ts';
import { type AccessRequest, decide, type PoliciesInForce } from './decide.ts';

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/scanner`;
const topic = `arn:aws:sns:eu-west-1:${account}:findings`;
const key = `arn:aws:kms:eu-west-1:${account}:key/k`;

/** A policy of one statement, by default Allow of everything. */
const policy = (statement: object) =>
  parsePolicy(
    JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...statement } }),
  );
const all = policy({});
const denying = policy({ Effect: 'Deny' });
const letsAccountIn = policy({ Principal: { AWS: `arn:aws:iam::${account}:root` } });
const letsRoleIn = policy({ Principal: { AWS: role } });
const letsServiceIn = policy({ Principal: { Service: 'events.amazonaws.com' } });

const publish: AccessRequest = {
  ...{ caller: { kind: 'role', arn: role }, action: 'sns:Publish' },
  ...{ resource: topic, context: {} },
};
const decrypt: AccessRequest = { ...publish, action: 'kms:Decrypt', resource: key };
const byEvents: AccessRequest = {
  ...publish,
  caller: { kind: 'service', name: 'events.amazonaws.com' },
};
const nothing: PoliciesInForce = { identity: [], owner: account };
const elsewhere = '444455556666';

test.each<[string, AccessRequest, Partial<PoliciesInForce>, string]>([
  ['nothing allows a role anything', publish, {}, 'not-allowed'],
  ['a role’s own policy is enough', publish, { identity: [all] }, 'allowed'],
  [
    'the resource’s policy is enough if it names the role',
    publish,
    { resource: letsRoleIn },
    'allowed',
  ],
  [
    'one that names the account gives a role nothing',
    publish,
    { resource: letsAccountIn },
    'not-allowed',
  ],
  ['a Deny of a role’s policy wins', publish, { identity: [all, denying] }, 'denied'],
  [
    'a Deny of the resource’s policy wins',
    publish,
    { identity: [all], resource: policy({ Effect: 'Deny', Principal: '*' }) },
    'denied',
  ],
  ['a Deny of the boundary wins', publish, { identity: [all], boundary: denying }, 'denied'],
  [
    'a boundary limits what the role’s policy allows',
    publish,
    { identity: [all], boundary: policy({ Action: 'logs:*' }) },
    'not-allowed',
  ],
  [
    'a boundary limits what the resource’s policy gives the role',
    publish,
    { resource: letsRoleIn, boundary: policy({ Action: 'logs:*' }) },
    'not-allowed',
  ],
  ['a boundary alone allows nothing', publish, { boundary: all }, 'not-allowed'],
  [
    'in another account, the role’s policy is not enough',
    publish,
    { identity: [all], owner: elsewhere },
    'not-allowed',
  ],
  [
    'in another account, the resource’s policy is not enough',
    publish,
    { resource: letsRoleIn, owner: elsewhere },
    'not-allowed',
  ],
  [
    'in another account, both are',
    publish,
    { identity: [all], resource: letsAccountIn, owner: elsewhere },
    'allowed',
  ],
  ['a role’s policy is not enough for a key', decrypt, { identity: [all] }, 'not-allowed'],
  [
    'it is if the key’s policy lets the account in',
    decrypt,
    { identity: [all], resource: letsAccountIn },
    'allowed',
  ],
  [
    'a key’s policy that lets the account in is not enough',
    decrypt,
    { resource: letsAccountIn },
    'not-allowed',
  ],
  ['one that names the role is', decrypt, { resource: letsRoleIn }, 'allowed'],
  ['a service needs the resource’s policy', byEvents, { identity: [all] }, 'not-allowed'],
  ['and nothing else', byEvents, { resource: letsServiceIn }, 'allowed'],
  ['a service is not in the account', byEvents, { resource: letsAccountIn }, 'not-allowed'],
])('%s', (_rule, request, policies, expected) => {
  expect(decide(request, { ...nothing, ...policies })).toBe(expected);
});

const insecure = policy({
  ...{ Effect: 'Deny', Principal: '*' },
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

test('a request is over TLS unless it says otherwise', () => {
  const policies = { ...nothing, identity: [all], resource: insecure };
  expect(decide(publish, policies)).toBe('allowed');
  const context = { 'aws:SecureTransport': 'false' };
  expect(decide({ ...publish, context }, policies)).toBe('denied');
});

test('what a request does not say is absent, which a negated condition holds for', () => {
  const others = policy({
    ...{ Effect: 'Deny', Principal: '*' },
    Condition: { ArnNotEquals: { 'aws:SourceArn': topic } },
  });
  const policies = { ...nothing, identity: [all], resource: others };
  expect(decide(publish, policies)).toBe('denied');
  expect(decide({ ...publish, context: { 'aws:SourceArn': topic } }, policies)).toBe('allowed');
});

test('a decision that depends on what the evaluator does not know is an error', () => {
  const dated = policy({ Condition: { DateLessThan: { 'aws:CurrentTime': '2030-01-01' } } });
  expect(() => decide(publish, { ...nothing, identity: [dated] })).toThrow(
    /sns:Publish on arn:aws:sns:\S+ cannot be decided: .*DateLessThan/,
  );
});
