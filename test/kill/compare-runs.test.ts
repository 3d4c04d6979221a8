import { differences, type RunResult, repeatsOf } from './compare-runs.ts';

const told = (id: string, severity = 'high', late = false) => ({
  id,
  severity,
  late,
  subject: `about ${id}`,
});
const sums = new Map([['AddRoleMatches of g', 3]]);
const undisturbed: RunResult = {
  told: [told('a'), told('b')],
  ...{ sums, unknownPublishes: [], counted: new Map() },
};

test('a run with the same findings differs in nothing, whatever their order', () => {
  expect(differences({ ...undisturbed, told: [told('b'), told('a')] }, undisturbed)).toEqual([]);
});

test('each repeat needs a publish of unknown outcome of the same finding', () => {
  const twice = {
    ...undisturbed,
    told: [told('a'), told('b'), told('a')],
    counted: new Map([['a', 1]]),
  };
  expect(differences(twice, undisturbed)).toEqual([
    'finding a (high) was told 2 times, and the outcome of 0 of its publishes was unknown',
  ]);
  const explained = { ...twice, unknownPublishes: [told('a')] };
  expect(differences(explained, undisturbed)).toEqual([]);
  expect(repeatsOf(explained)).toEqual({ repeats: 1, explained: 1 });
  expect(repeatsOf({ ...twice, unknownPublishes: [told('b')] })).toEqual({
    repeats: 1,
    explained: 0,
  });
});

test('a repeat that the ledger does not count is a difference', () => {
  const repeated = {
    ...undisturbed,
    told: [told('a'), told('b'), told('a')],
    unknownPublishes: [told('a')],
  };
  expect(differences(repeated, undisturbed)).toEqual([
    'finding a was told again 1 times, of which the ledger counts 0',
  ]);
});

test('an update about a worse severity is no repeat', () => {
  const updated = { ...undisturbed, told: [told('a', 'medium'), told('a'), told('b')] };
  expect(differences(updated, undisturbed)).toEqual([]);
});

test.each<[string, Partial<RunResult>, string]>([
  ['a lost finding', { told: [told('a')] }, 'finding b is lost'],
  [
    'a finding with another id',
    { told: [...undisturbed.told, told('c')] },
    'finding c was told, and nobody finds it undisturbed: "about c"',
  ],
  [
    'a finding that ends with a milder severity',
    { told: [told('a'), told('b', 'low')] },
    'finding b ended with another severity',
  ],
  [
    'a finding that only a sweep found',
    { told: [told('a'), told('b', 'high', true)] },
    'finding b: the scan lost it, a sweep found it',
  ],
  ['a different sum', { sums: new Map() }, 'AddRoleMatches of g adds up to 0, not to 3'],
])('%s is a difference', (_, changes, expected) => {
  expect(differences({ ...undisturbed, ...changes }, undisturbed)).toEqual([expected]);
});
