import { readRegexpSource } from '../../query-language/regexp.ts';
import { toJavaScriptRegExp } from '../../query-language/write-regexp.ts';
import { growth } from '../counted-steps.ts';
import { hostileStrings } from './hostile-strings.ts';

/** Each is known to make a backtracking engine take more than linear time. */
const superLinear = [
  ['an anchored end', '\\s+$'],
  ['a beginning that comes again', '"[^x]*x'],
  ['two repeats that share characters', '^a*a*$'],
  ['two repeats with a part between them', 'x[a-z]*-?[a-z]*!'],
  ['overlapping alternatives', '^(a|a|b)*$'],
  ['a class that takes what an alternative takes', '^(?:\\W|\\\\[nrt])*ab_'],
  ['a repeat inside a repeat', '^(?:a+)+$'],
  ['a comment beside what it is made of', '(insert)(\\W|\\/\\*[^\\n;]*?\\*\\/|into)+ab_role'],
  ['an alternative that is not the first', 'one|two|(User "[^\\n]+" added)'],
] as const;

test.each(superLinear)('what makes an expression slow is among its texts: %s', (_, source) => {
  const { root, groups } = readRegexpSource(source);
  const regexp = toJavaScriptRegExp({ root, groups });
  const growths = hostileStrings(root).map(({ text }) =>
    growth((size) => {
      const hostile = text(size);
      return () => void regexp.test(hostile);
    }, 12 * 4),
  );
  expect(Math.max(...growths)).toBeGreaterThan(2.6);
});

test('a text is as long as it is asked to be, and each is another one', () => {
  const { root } = readRegexpSource(
    '(?:User|Group) "(?<name>[^"\\\\]|\\\\.)+" (?:added|removed)\\s*$',
  );
  const texts = hostileStrings(root).map(({ text }) => text(1_000));
  expect(texts.length).toBeGreaterThan(20);
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) expect(text.length).toBeGreaterThanOrEqual(1_000);
  for (const text of texts) expect(text.length).toBeLessThan(1_200);
});
