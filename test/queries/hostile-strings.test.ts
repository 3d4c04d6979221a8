import { readRegexpSource } from '../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp } from '../../query-language/regexp/write-regexp.ts';
import { growthOfBuiltins } from '../counted-steps.ts';
import { hostileStrings } from './hostile-strings.ts';

/**
 * Each takes a backtracking engine more than linear time; exponential ones are tested with shorter
 * texts.
 */
const superLinear = [
  ['an anchored end', '\\s+$', 100],
  ['a repeated beginning', '"[^x]*x', 100],
  ['two repeats that share characters', '^a*a*$', 100],
  ['two repeats with a part between them', 'x[a-z]*-?[a-z]*!', 100],
  ['overlapping alternatives', '^(?:ab|a|b|ba)*$', 9],
  ['a class that overlaps an alternative', '^(?:\\W|\\s)*ab_', 9],
  ['a repeat inside a repeat', '^(?:a+)+$', 9],
  ['a comment next to its own characters', '(insert)(\\W|\\/\\*[^\\n;]*?\\*\\/|into)+ab_role', 14],
  ['an alternative that is not the first', 'one|two|(User "[^\\n]+" added)', 100],
] as const;

test.each(superLinear)(
  'the texts of an expression include a slow one: %s',
  (_, source, characters) => {
    const { root, groups } = readRegexpSource(source);
    const regexp = toJavaScriptRegExp({ root, groups });
    const isFound = hostileStrings(root).some(({ text }) => {
      const task = (size: number) => {
        const hostile = text(size);
        return () => void regexp.test(hostile);
      };
      return growthOfBuiltins(task, characters) > 2.6;
    });
    expect(isFound).toBe(true);
  },
);

test('texts have the requested length and are all different', () => {
  const { root } = readRegexpSource(
    '(?:User|Group) "(?<name>[^"\\\\]|\\\\.)+" (?:added|removed)\\s*$',
  );
  const texts = hostileStrings(root).map(({ text }) => text(1_000));
  expect(texts.length).toBeGreaterThan(20);
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) expect(text.length).toBeGreaterThanOrEqual(1_000);
  for (const text of texts) expect(text.length).toBeLessThan(1_200);
});
