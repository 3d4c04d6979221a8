import { readRegexpSource } from '../../query-language/regexp/parse-regexp.ts';
import { toRe2 } from '../../query-language/regexp/write-regexp.ts';
import { growth, linearGrowth } from '../counted-steps.ts';
import { linearRegexp } from '../regexp-programs.ts';
import { hostileStrings } from './hostile-strings.ts';
import { packRegexps } from './pack-regexps.ts';

/**
 * The number of texts per expression, sampled over the whole tree; `bench/matching.ts` uses all.
 */
const maxTexts = 24;

test.each(packRegexps)(
  'texts made from the expression itself cost linear time: $id, $command $source',
  ({ source, command }) => {
    const regexp = readRegexpSource(source);
    const all = hostileStrings(regexp.root);
    const texts = all.filter((_, at) => at % Math.ceil(all.length / maxTexts) === 0);
    const task = (size: number) => {
      const linear = linearRegexp(toRe2(regexp));
      const hostile = texts.map(({ text }) => text(size));
      return () => {
        for (const text of hostile) {
          if (command === 'filter') linear.test(text);
          else linear.matches(text);
        }
      };
    };
    expect(growth(task, 500)).toBeLessThan(linearGrowth);
  },
);

test('all matches cost linear time even if each is only decided at the end of the text', () => {
  // After each `a`, a search must look for a `b` that never follows.
  const task = (size: number) => () => void linearRegexp('a.*b|a').matches('a'.repeat(size));
  expect(growth(task, 2_000)).toBeLessThan(linearGrowth);
});
