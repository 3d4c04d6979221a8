import { conditionsHold } from '../../../doctor/policy/evaluate.ts';
import { contextOf, type RequestContext } from '../../../doctor/policy/policy-document.ts';

const context: RequestContext = {
  values: {
    'aws:sourceaccount': ['111122223333'],
    'aws:sourcearn': ['arn:aws:logs:eu-west-1:111122223333:log-group:a'],
    'aws:tagkeys': ['team', 'cost'],
    'aws:securetransport': ['false'],
    'aws:empty': [],
  },
  absent: new Set(['kms:viaservice']),
};

function holds(operator: string, key: string, ...values: string[]) {
  return conditionsHold({ [operator]: { [key]: values } }, context);
}

describe('each operator', () => {
  test.each([
    ['StringEquals', '111122223333', true],
    ['StringEquals', '1111*', false],
    ['StringLike', '1111*', true],
    ['StringLike', '2*', false],
    ['StringNotEquals', '111122223333', false],
    ['StringNotLike', '2*', true],
    ['stringequalsignorecase', '111122223333', true],
    ['StringNotEqualsIgnoreCase', '111122223333', false],
  ])('%s %s: %s', (operator, value, expected) => {
    expect(holds(operator, 'aws:SourceAccount', value)).toBe(expected);
  });

  test.each([
    ['ArnLike', 'arn:aws:logs:*:111122223333:*', true],
    ['ArnEquals', 'arn:aws:logs:*:111122223333:*', true],
    ['ArnNotLike', 'arn:aws:logs:*:111122223333:*', false],
    ['ArnNotEquals', 'arn:aws:sns:*:111122223333:*', true],
  ])('%s %s: %s', (operator, value, expected) => {
    expect(holds(operator, 'aws:SourceArn', value)).toBe(expected);
  });

  test('Bool compares case-insensitively', () => {
    expect(holds('Bool', 'aws:SecureTransport', 'False')).toBe(true);
    expect(holds('Bool', 'aws:SecureTransport', 'true')).toBe(false);
  });

  test('Null checks whether a key is missing', () => {
    expect(holds('Null', 'kms:ViaService', 'true')).toBe(true);
    expect(holds('Null', 'aws:SourceAccount', 'true')).toBe(false);
    expect(holds('Null', 'aws:SourceAccount', 'false')).toBe(true);
    expect(holds('Null', 'aws:PrincipalTag/a', 'true')).toBe('unknown');
  });
});

test('one of several values must match; with a negated operator, none may', () => {
  expect(holds('StringEquals', 'aws:SourceAccount', 'x', '111122223333')).toBe(true);
  expect(holds('StringNotEquals', 'aws:SourceAccount', 'x', '111122223333')).toBe(false);
});

test('a missing key satisfies only negated operators and IfExists', () => {
  expect(holds('StringEquals', 'kms:ViaService', 'a')).toBe(false);
  expect(holds('StringNotEquals', 'kms:ViaService', 'a')).toBe(true);
  expect(holds('StringEqualsIfExists', 'kms:ViaService', 'a')).toBe(true);
  expect(holds('ArnLikeIfExists', 'kms:ViaService', 'a')).toBe(true);
});

test('IfExists does not change the comparison of a present key', () => {
  expect(holds('StringEqualsIfExists', 'aws:SourceAccount', '111122223333')).toBe(true);
  expect(holds('StringEqualsIfExists', 'aws:SourceAccount', 'other')).toBe(false);
});

test('ForAllValues holds if every value of the request matches, or if there are none', () => {
  expect(holds('ForAllValues:StringEquals', 'aws:TagKeys', 'team', 'cost', 'more')).toBe(true);
  expect(holds('ForAllValues:StringEquals', 'aws:TagKeys', 'team')).toBe(false);
  expect(holds('ForAllValues:StringEquals', 'aws:Empty', 'team')).toBe(true);
  expect(holds('ForAllValues:StringEquals', 'kms:ViaService', 'team')).toBe(true);
});

test('ForAnyValue holds if one value of the request matches, and never without values', () => {
  expect(holds('ForAnyValue:StringLike', 'aws:TagKeys', 'te*')).toBe(true);
  expect(holds('ForAnyValue:StringLike', 'aws:TagKeys', 'x*')).toBe(false);
  expect(holds('ForAnyValue:StringLike', 'aws:Empty', '*')).toBe(false);
  expect(holds('ForAnyValue:StringLike', 'kms:ViaService', '*')).toBe(false);
});

test.each([
  ['NumericEquals', '1.2', true],
  ['NumericEquals', '1.20', true],
  ['NumericNotEquals', '1.2', false],
  ['NumericLessThan', '1.2', false],
  ['NumericLessThan', '1.3', true],
  ['NumericLessThanEquals', '1.2', true],
  ['NumericLessThanEquals', '1.1', false],
  ['NumericGreaterThan', '1.2', false],
  ['NumericGreaterThan', '1.1', true],
  ['NumericGreaterThanEquals', '1.2', true],
  ['NumericGreaterThanEquals', '1.3', false],
  ['NumericLessThan', 'TLS', 'unknown'],
])('of 1.2, %s %s is %s: numbers are compared as numbers', (operator, wanted, expected) => {
  const context = contextOf({ 's3:TlsVersion': '1.2' });
  expect(conditionsHold({ [operator]: { 's3:TlsVersion': [wanted] } }, context)).toBe(expected);
});

test('an unknown context key or unsupported operator is unknown, never true', () => {
  expect(holds('StringEquals', 'aws:PrincipalOrgID', 'o-1')).toBe('unknown');
  expect(holds('IpAddress', 'aws:SourceAccount', '10.0.0.0/8')).toBe('unknown');
  expect(holds('DateLessThan', 'aws:SourceAccount', '2030-01-01')).toBe('unknown');
  expect(holds('StringSmells', 'aws:SourceAccount', 'x')).toBe('unknown');
});

test('a false condition decides even if another cannot be judged', () => {
  const condition = {
    IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] },
    StringEquals: { 'aws:SourceAccount': ['other'] },
  };

  expect(conditionsHold(condition, context)).toBe(false);
});

test('variables are replaced by known context values', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are variables of IAM
  expect(holds('ArnLike', 'aws:SourceArn', 'arn:aws:logs:*:${aws:SourceAccount}:*')).toBe(true);
  expect(holds('StringLike', 'aws:SourceAccount', '${aws:PrincipalTag/account}')).toBe('unknown');
  expect(holds('StringLike', 'aws:SourceAccount', 'x${aws:PrincipalTag/account}')).toBe(false);
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are variables of IAM
});

test('without conditions a statement holds', () => {
  expect(conditionsHold(undefined, context)).toBe(true);
  expect(conditionsHold({}, context)).toBe(true);
});
