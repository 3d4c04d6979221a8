import { parsePolicy } from '../../../doctor/policy/policy-document.ts';

const statement = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };

test('a percent-encoded policy, as IAM returns it, parses like a plain one', () => {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement });

  expect(parsePolicy(encodeURIComponent(text))).toEqual(parsePolicy(text));
});

test.each([
  ['', 'not JSON'],
  ['{', 'not JSON'],
  ['%7B%ZZ', 'not JSON'],
  ['[]', 'the input: expected object, got []'],
])('a text that is not a policy is refused: %j', (text, word) => {
  expect(() => parsePolicy(text)).toThrow(word);
});

test.each([
  [{ Effect: 'Permit' }, 'Statement.Effect: expected one of "Allow"|"Deny", got "Permit"'],
  [[{ Effect: 'Permit' }], 'Statement[0].Effect: expected one of "Allow"|"Deny", got "Permit"'],
  [{ Effect: 'Deny', Action: 3 }, 'Statement.Action: expected string, got 3'],
  [undefined, 'Statement: expected object, got nothing'],
])('the error about %j names the field, the rule and the value seen', (wrong, message) => {
  expect(() => parsePolicy(JSON.stringify({ Statement: wrong }))).toThrow(message);
});

test('the error about a long policy is short', () => {
  const statements = Array(100).fill({ Effect: 'Permit' });

  expect(() => parsePolicy(JSON.stringify({ Statement: statements }))).toThrow(/^.{1,500}$/);
});
