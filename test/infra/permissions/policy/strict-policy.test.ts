import { readStrictly } from './strict-policy.ts';

const statement = {
  Sid: 'Publish',
  Effect: 'Allow',
  Action: 'sns:Publish',
  Resource: 'arn:aws:sns:eu-west-1:111122223333:findings',
};
const document = (changes: object) => ({
  Version: '2012-10-17',
  Statement: [{ ...statement, ...changes }],
});
const read = (changes: object, kind: Parameters<typeof readStrictly>[1] = 'identity') =>
  readStrictly(document(changes), kind, 'policy P');

test('a policy whose every part is known is read', () => {
  expect(read({}).statements).toEqual([
    { ...statement, Action: [statement.Action], Resource: [statement.Resource] },
  ]);
});

const service = { Principal: { Service: 'events.amazonaws.com' } };

test.each<[string, Parameters<typeof read>, string]>([
  ['an element', [{ Conditions: {} }], 'policy P: statement 0: the element Conditions is unknown'],
  [
    'an operator',
    [{ Condition: { StringMatches: { 'aws:SourceArn': 'x' } } }],
    'policy P: Publish: StringMatches aws:SourceArn "x" is unknown',
  ],
  [
    'an operator of dates, which the evaluator does not compare',
    [{ Condition: { DateLessThan: { 'aws:SourceAccount': '2030-01-01' } } }],
    'policy P: Publish: DateLessThan aws:SourceAccount "2030-01-01" is unknown',
  ],
  [
    'a condition key',
    [{ Condition: { StringEquals: { 'aws:SourceAcount': '1' } } }],
    'policy P: Publish: no request for sns:Publish has the key aws:SourceAcount',
  ],
  [
    'a key of other actions',
    [{ Condition: { StringEquals: { 'cloudwatch:namespace': 'n' } } }],
    'policy P: Publish: no request for sns:Publish has the key cloudwatch:namespace',
  ],
  [
    'a pattern of ARNs that is none',
    [{ Condition: { ArnLike: { 'aws:SourceArn': 'rule/x' } } }],
    'policy P: Publish: ArnLike aws:SourceArn "rule/x" is unknown',
  ],
  ['an action', [{ Action: 'sns:Publisch' }], 'policy P: Publish: AWS has no action sns:Publisch'],
  [
    'a pattern of no action',
    [{ NotAction: ['logs:Querry*'], Action: undefined }],
    'policy P: Publish: AWS has no action logs:Querry*',
  ],
  [
    'a service',
    [{ Action: 'glue:StartJobRun' }],
    'policy P: Publish: no service of the reference has the action glue:StartJobRun',
  ],
  [
    'a resource',
    [{ Resource: 'findings' }],
    'policy P: Publish: the resource "findings" is no ARN',
  ],
  [
    'a kind of principal',
    [{ Principal: { Federated: 'x' } }, 'resource'],
    'policy P: Publish: the principal Federated x is unknown',
  ],
  [
    'a form of a principal',
    [{ NotPrincipal: { AWS: 'scanner' } }, 'resource'],
    'policy P: Publish: the principal AWS scanner is unknown',
  ],
  ['who is meant', [{}, 'resource'], "policy P: Publish: a resource's policy needs a Principal"],
  ['a principal that cannot be', [service], "policy P: Publish: a role's policy has no Principal"],
  [
    'what is meant',
    [{ Resource: undefined }],
    "policy P: Publish: a role's policy needs a Resource",
  ],
  ['nothing to do', [{ Action: undefined }], 'policy P: Publish: a statement needs an Action'],
])('%s that is not known is an error', (_part, args, message) => {
  expect(() => read(...args)).toThrow(message);
});

test('a policy of another version is an error', () => {
  expect(() => readStrictly({ ...document({}), Version: '2008-10-17' }, 'identity', 'P')).toThrow(
    'P: Version must be 2012-10-17, got "2008-10-17"',
  );
});
