import fc from 'fast-check';
import { evaluate } from '../../../doctor/policy/evaluate.ts';
import {
  contextOf,
  type PolicyRequest,
  type Principal,
  parsePolicy,
} from '../../../doctor/policy/policy-document.ts';

const account = '111122223333';
const roleArn = `arn:aws:iam::${account}:role/worker`;
const service: Principal = { kind: 'service', name: 'logs.eu-west-1.amazonaws.com' };
const role: Principal = { kind: 'role', arn: roleArn, account };
const base = {
  Effect: 'Allow',
  Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
  Action: 'kms:Decrypt',
  Resource: '*',
};
const request: PolicyRequest = {
  principal: service,
  action: 'kms:Decrypt',
  resource: `arn:aws:kms:eu-west-1:${account}:key/1`,
  context: contextOf({}),
};

function outcome(statements: object | readonly object[], changed: Partial<PolicyRequest> = {}) {
  const policy = parsePolicy(JSON.stringify({ Statement: statements }));
  return evaluate([policy], { ...request, ...changed }).outcome;
}

test('a statement that names the principal, action and resource allows the request', () => {
  expect(outcome(base)).toBe('allowed');
  expect(outcome([base])).toBe('allowed');
});

test('a request that no statement allows is not allowed', () => {
  expect(outcome([])).toBe('not-allowed');
  expect(outcome({ ...base, Action: 'kms:Encrypt' })).toBe('not-allowed');
  expect(outcome({ ...base, Resource: `arn:aws:kms:eu-west-1:${account}:key/2` })).toBe(
    'not-allowed',
  );
  expect(outcome({ ...base, Principal: { Service: 'logs.us-east-1.amazonaws.com' } })).toBe(
    'not-allowed',
  );
});

test('a Deny overrides any number of Allows, in any position', () => {
  const deny = { ...base, Effect: 'Deny', Action: 'kms:*' };
  fc.assert(
    fc.property(fc.nat(4), fc.nat(4), (before, after) => {
      const statements = [...Array(before).fill(base), deny, ...Array(after).fill(base)];
      expect(outcome(statements)).toBe('denied');
    }),
  );
});

test('action names are case-insensitive and may have wildcards', () => {
  expect(outcome({ ...base, Action: 'KMS:decrypt' })).toBe('allowed');
  expect(outcome({ ...base, Action: ['kms:Describe*', 'kms:De*'] })).toBe('allowed');
  expect(outcome({ ...base, Action: '*' })).toBe('allowed');
});

test('NotAction and NotResource match everything except what they name', () => {
  const { Action: _action, ...withoutAction } = base;
  const { Resource: _resource, ...withoutResource } = base;

  expect(outcome({ ...withoutAction, NotAction: 'kms:Encrypt' })).toBe('allowed');
  expect(outcome({ ...withoutAction, NotAction: 'kms:D*' })).toBe('not-allowed');
  expect(outcome({ ...withoutResource, NotResource: `arn:aws:kms:*:${account}:key/*` })).toBe(
    'not-allowed',
  );
  expect(outcome({ ...withoutResource, NotResource: 'arn:aws:kms:*:999999999999:key/*' })).toBe(
    'allowed',
  );
});

test('a Deny with NotPrincipal applies to everyone except those it names', () => {
  const { Principal: _principal, ...rest } = base;
  const deny = { ...rest, Effect: 'Deny', NotPrincipal: { AWS: roleArn } };
  const allow = { ...base, Principal: '*' };

  expect(outcome([allow, deny])).toBe('denied');
  expect(outcome([allow, deny], { principal: role })).toBe('allowed');
});

test('an account includes its roles; `*` includes everyone, even services', () => {
  for (const name of [`arn:aws:iam::${account}:root`, account, roleArn, '*']) {
    expect(outcome({ ...base, Principal: { AWS: name } }, { principal: role })).toBe('allowed');
  }
  expect(
    outcome({ ...base, Principal: { AWS: 'arn:aws:iam::999999999999:root' } }, { principal: role }),
  ).toBe('not-allowed');
  expect(outcome({ ...base, Principal: '*' })).toBe('allowed');
});

test('a statement without a principal in a resource policy applies to nobody', () => {
  const { Principal: _, ...rest } = base;

  expect(outcome(rest)).toBe('not-allowed');
});

test('a statement for an undocumented service name decides nothing', () => {
  const principal: Principal = { ...service, doubtfulNames: ['logs.amazonaws.com'] };
  const doubtful = { ...base, Principal: { Service: 'logs.amazonaws.com' } };

  expect(outcome(doubtful, { principal })).toBe('unknown');
  expect(outcome([doubtful, base], { principal })).toBe('allowed');
});

test('an Allow that cannot be judged is unknown; so is such a Deny, if anything allows', () => {
  const unclear = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
  const deny = { ...base, Effect: 'Deny', Condition: unclear };

  expect(outcome({ ...base, Condition: unclear })).toBe('unknown');
  expect(outcome([{ ...base, Condition: unclear }, base])).toBe('allowed');
  expect(outcome([base, deny])).toBe('unknown');
  expect(outcome([deny])).toBe('not-allowed');
});
