import fc from 'fast-check';
import { matchesArn, matchesResource, matchesWildcard } from '../../../doctor/policy/wildcard.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

const group = 'arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-Task';

test.each([
  ['kms:Decrypt', 'kms:Decrypt', true],
  ['kms:Decrypt*', 'kms:Decrypt', true],
  ['kms:GenerateDataKey*', 'kms:GenerateDataKeyWithoutPlaintext', true],
  ['kms:?ecrypt', 'kms:Decrypt', true],
  ['kms:?ecrypt', 'kms:ecrypt', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*b*c', 'a--b--c', true],
  ['a*b*c', 'a--c--b', false],
])('the pattern %s and the text %s: %s', (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});

test('a text matches every pattern made by replacing parts of it with stars', () => {
  const parts = fc.array(
    fc.string({ unit: 'grapheme-ascii' }).map((text) => text.replace(/[*?]/g, '')),
  );
  fc.assert(
    fc.property(parts, fc.array(fc.boolean()), (texts, hidden) => {
      const pattern = texts.map((text, at) => (hidden[at] ? '*' : text)).join('');
      expect(matchesWildcard(pattern, texts.join(''))).toBe(true);
    }),
  );
});

test('the work of matching many stars grows linearly with the length of the text', () => {
  const matching = (size: number) => {
    const text = 'a'.repeat(size);
    return () => void matchesWildcard(`${'*a'.repeat(20)}b`, text);
  };
  expect(matchesWildcard(`${'*a'.repeat(20)}b`, 'a'.repeat(1000))).toBe(false);
  expect(growth(matching, 1000)).toBeLessThan(linearGrowth);
});

describe('a condition compares each of the six parts of an ARN separately', () => {
  test.each([
    ['arn:aws:logs:eu-west-1:111122223333:*', true],
    ['arn:aws:logs:eu-west-1:*:*', true],
    ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-*', true],
    ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod:*', false],
    ['arn:aws:logs:us-east-1:111122223333:*', false],
    ['arn:aws:logs:*:log-group:airflow-prod-Task:', false],
    ['arn:*:logs:eu-west-1:111122223333:log-group:airflow-????-Task', true],
    ['*', true],
  ])('%s: %s', (pattern, expected) => {
    expect(matchesArn(pattern, group)).toBe(expected);
  });

  test('a pattern that is not an ARN is unknown, since IAM does not document it', () => {
    expect(matchesArn('arn:aws:logs:*', group)).toBe('unknown');
  });
});

describe('in a resource, a star at the end of a part matches across colons', () => {
  const stream = `${group}:log-stream:dag`;
  test.each([
    ['*', true],
    ['arn:aws:logs:*', true],
    ['arn:aws:logs:*:*:log-group:airflow-prod-*', true],
    ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-*', true],
    ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-Task:*', true],
    ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod:*', false],
    ['arn:aws:logs:eu-west-1:111122223333:log-group:airflow-*dag', false],
  ])('%s: %s', (pattern, expected) => {
    expect(matchesResource(pattern, stream)).toBe(expected);
  });
});
