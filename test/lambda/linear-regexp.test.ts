import fc from 'fast-check';
import { RE2JS } from 're2js';
import { LinearRegexp } from '../../lambda/linear-regexp.ts';
import { engineDifference } from '../../query-language/engine-difference.ts';
import { readRegexpSource } from '../../query-language/regexp.ts';
import { toJavaScriptRegExp, toRe2 } from '../../query-language/write-regexp.ts';
import { growth, linearGrowth } from '../counted-steps.ts';
import { hostileStrings } from '../queries/hostile-strings.ts';
import { packRegexps } from '../queries/pack-regexps.ts';
import { chooser, matchingText, regexpSource } from '../query-language/regexp-arbitrary.ts';

/** Begin, end and groups of each match. */
type Found = readonly (readonly (string | number | undefined)[])[];

function byUs(source: string, text: string): Found {
  return new LinearRegexp(source)
    .matches(text)
    .map(({ index, end, groups }) => [index, end, ...groups]);
}

/** re2js's own search, of which ours shares the parser only. */
function byRe2js(source: string, text: string): Found {
  const matcher = RE2JS.compile(source).matcher(text);
  const found: (string | number | undefined)[][] = [];
  while (matcher.find()) {
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) =>
      matcher.group(group),
    );
    found.push([matcher.start(), matcher.end(), ...groups.map((group) => group ?? undefined)]);
  }
  return found;
}

function byJavaScript({ source, flags }: RegExp, text: string): Found {
  return [...text.matchAll(new RegExp(source, `${flags}g`))].map((match) => [
    match.index,
    match.index + match[0].length,
    ...match,
  ]);
}

const pieces = [
  'a',
  'b',
  'role',
  '\n',
  ' ',
  '"',
  '\\',
  '_',
  '1',
  '-',
  'é',
  '😀',
  '\ud800',
  'ſ',
  'K',
];
const noise = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((some) => some.join(''));
const sources = fc
  .tuple(
    fc.constantFrom('', '(?i)', '(?s)', '(?m)'),
    fc.constantFrom('', '^', '\\b'),
    regexpSource,
    fc.constantFrom('', '$', '\\b', '\\z'),
  )
  .map(([flags, before, source, after]) => `${flags}${before}(?:${source})${after}`);

test('every match and group is what RE2 and a backtracking search find', () => {
  fc.assert(
    fc.property(
      sources,
      fc.tuple(noise, noise, noise),
      fc.array(fc.nat(), { minLength: 1 }),
      (source, [first, second, third], numbers) => {
        const regexp = readRegexpSource(source);
        const pick = chooser(numbers);
        const [one, other] = [matchingText(regexp.root, pick), matchingText(regexp.root, pick)];
        const text = [first, one, second, other, third].join('');
        const found = byUs(toRe2(regexp), text);
        expect(found).toEqual(byRe2js(toRe2(regexp), text));
        expect(new LinearRegexp(toRe2(regexp)).test(text)).toBe(found.length > 0);
        if (engineDifference(regexp) !== undefined) return;
        expect(found).toEqual(byJavaScript(toJavaScriptRegExp(regexp), text));
      },
    ),
  );
});

test('of a long text every match is found, also where a block of it ends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_000 }),
      fc.integer({ min: 1, max: 40 }),
      (skip, length) => {
        const regexp = new LinearRegexp('(x+)(😀*)(y?)$|x(😀)', 'm');
        const part = `${'x'.repeat(length)}${'😀'.repeat(length)}`;
        const text = `${'-'.repeat(skip)}${`${part}y\n`.repeat(60)}${part}`;
        expect(regexp.matches(text)).toHaveLength(61);
        expect(regexp.matches(text).map(({ index, end }) => text.slice(index, end))).toEqual([
          ...Array.from({ length: 60 }, () => `${part}y`),
          part,
        ]);
      },
    ),
    { numRuns: 20 },
  );
});

test('a search that begins inside a text sees what comes before, and stops when it has enough', () => {
  const regexp = new LinearRegexp('\\bb|^b|a(b)');
  expect(regexp.matches('ab b\nb', { from: 1 }).map(({ index }) => index)).toEqual([3, 5]);
  expect(regexp.matches('ab b\nb', { max: 1 })).toEqual([
    { index: 0, end: 2, groups: ['ab', 'b'] },
  ]);
  expect(regexp.matches('ab', { from: 2 })).toEqual([]);
});

test('flags are those of RE2', () => {
  expect(byUs('(?i)é.k', 'É\nk É-K É-\u212a')).toEqual(byRe2js('(?i)é.k', 'É\nk É-K É-\u212a'));
  expect(new LinearRegexp('^a.b$', 'ms').test('x\na\nb')).toBe(true);
  expect(new LinearRegexp('^a.b$').test('x\na\nb')).toBe(false);
  expect(() => new LinearRegexp('a(?=b)')).toThrow('(?=');
});

test('all matches are found in linear time where each one is only decided at the end of the text', () => {
  // After each `a` a search has to look for a `b` that never comes.
  const task = (size: number) => () => void new LinearRegexp('a.*b|a').matches('a'.repeat(size));
  expect(growth(task, 4_000)).toBeLessThan(linearGrowth);
  const anew = (size: number) => () => void byRe2js('a.*b|a', 'a'.repeat(size));
  expect(growth(anew, 4_000)).toBeGreaterThan(3);
});

describe.each(packRegexps)('the $command of $id: $source', ({ source, command }) => {
  const regexp = readRegexpSource(source);
  const re2 = toRe2(regexp);
  const texts = hostileStrings(regexp.root);

  test('texts made from the expression itself cost linear time', () => {
    const task = (size: number) => {
      const linear = new LinearRegexp(re2);
      const hostile = texts.map(({ text }) => text(size));
      return () => {
        for (const text of hostile) {
          if (command === 'filter') linear.test(text);
          else linear.matches(text);
        }
      };
    };
    expect(growth(task, 2_000)).toBeLessThan(linearGrowth);
  });

  test('what is found in them is what RE2 finds', () => {
    for (const { name, text } of texts) {
      expect({ name, found: byUs(re2, text(150)) }).toEqual({
        name,
        found: byRe2js(re2, text(150)),
      });
    }
  });
});
