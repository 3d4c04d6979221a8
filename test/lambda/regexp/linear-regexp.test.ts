import fc from 'fast-check';
import { RE2JS } from 're2js';
import type { LinearRegexp } from '../../../lambda/regexp/linear-regexp.ts';
import { engineDifference } from '../../../query-language/pack/fusible-query.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp, toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import { hostileStrings } from '../../queries/hostile-strings.ts';
import { packRegexps } from '../../queries/pack-regexps.ts';
import { chooser, matchingText, regexpSource } from '../../query-language/regexp-arbitrary.ts';
import { linearRegexp } from '../../regexp-programs.ts';

/** Begin, end and groups of each match. */
type Found = readonly (readonly (string | number | undefined)[])[];

function byUs(source: string | LinearRegexp, text: string): Found {
  const regexp = typeof source === 'string' ? linearRegexp(source) : source;
  return regexp.matches(text).map(({ index, end, groups }) => [index, end, ...groups]);
}

/** re2js's own search, which shares only the parser with ours. */
function byRe2js(source: string | RE2JS, text: string): Found {
  const regexp = typeof source === 'string' ? RE2JS.compile(source) : source;
  const matcher = regexp.matcher(text);
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

test('every match and group is the one that RE2 and a backtracking search find', () => {
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
        expect(linearRegexp(toRe2(regexp)).test(text)).toBe(found.length > 0);
        if (engineDifference(regexp) !== undefined) return;
        expect(found).toEqual(byJavaScript(toJavaScriptRegExp(regexp), text));
      },
    ),
  );
});

test('every match of a long text is found, also at the end of a block', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_000 }),
      fc.integer({ min: 1, max: 40 }),
      (skip, length) => {
        const regexp = linearRegexp('(?m)(x+)(😀*)(y?)$|x(😀)');
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

test('a search that begins inside a text sees the text before, and stops at its maximum', () => {
  const regexp = linearRegexp('\\bb|^b|a(b)');
  expect(regexp.matches('ab b\nb', { from: 1 }).map(({ index }) => index)).toEqual([3, 5]);
  expect(regexp.matches('ab b\nb', { max: 1 })).toEqual([
    { index: 0, end: 2, groups: ['ab', 'b'] },
  ]);
  expect(regexp.matches('ab', { from: 2 })).toEqual([]);
});

test('flags mean what they mean in RE2', () => {
  expect(byUs('(?i)é.k', 'É\nk É-K É-\u212a')).toEqual(byRe2js('(?i)é.k', 'É\nk É-K É-\u212a'));
  expect(linearRegexp('(?ms)^a.b$').test('x\na\nb')).toBe(true);
  expect(linearRegexp('^a.b$').test('x\na\nb')).toBe(false);
  expect(() => linearRegexp('a(?=b)')).toThrow('(?=');
});

test.each(packRegexps)(
  'in texts made from the expression itself we find what RE2 finds: $id, $command $source',
  ({ source }) => {
    const regexp = readRegexpSource(source);
    const [linear, foreign] = [linearRegexp(toRe2(regexp)), RE2JS.compile(toRe2(regexp))];
    const different = hostileStrings(regexp.root).filter(({ text }) => {
      const short = text(100);
      return JSON.stringify(byUs(linear, short)) !== JSON.stringify(byRe2js(foreign, short));
    });
    expect(different.map(({ name }) => name)).toEqual([]);
  },
);
