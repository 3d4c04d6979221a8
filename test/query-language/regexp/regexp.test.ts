import fc from 'fast-check';
import { engineDifference } from '../../../query-language/pack/fusible-query.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp, toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { chooser, matchingText, regexpSource } from '../regexp-arbitrary.ts';

const javaScript = (source: string) => toJavaScriptRegExp(readRegexpSource(source));
const re2 = (source: string) => toRe2(readRegexpSource(source));

describe('what a regexp finds', () => {
  test.each([
    // Source, text, match (undefined: none).
    ['a.c', 'xabc', 'abc'],
    ['a.c', 'a\nc', undefined],
    ['a.c', 'a\rc', 'a\rc'],
    ['(?s)a.c', 'a\nc', 'a\nc'],
    ['(?s:a.)c.', 'a\nc\n', undefined],
    ['\\d+', '٣7', '7'],
    ['\\w+', 'éab_9', 'ab_9'],
    ['\\s', '\u00a0\u000b', undefined],
    ['\\h', '\u00a0', '\u00a0'],
    ['\\bcafe\\b', 'caférole cafe', 'cafe'],
    ['end$', 'the end', 'end'],
    ['end$', 'the end\n', 'end\n'],
    ['end$', 'the end\n\n', undefined],
    ['end\\z', 'the end\n', undefined],
    ['end\\Z', 'the end\n', 'end\n'],
    ['^b', 'a\nb', undefined],
    ['(?m)^b$', 'a\nb\nc', 'b'],
    ['(?m)^b$', 'a\rb\rc', undefined],
    ['(?m)^x?$', '😀', undefined],
    ['(?m)\\Ab', 'a\nb', undefined],
    ['(?i)error', 'an ErRoR', 'ErRoR'],
    ['(?i)É', 'é', 'é'],
    ['a(?i)b', 'aB', 'aB'],
    ['a(?i)b', 'AB', undefined],
    ['(?:(?i)a|b)c', 'BC', undefined],
    ['(?:(?i)a|b)c', 'Bc', 'Bc'],
    ['(?i:a)b', 'Ab', 'Ab'],
    ['(?i)a(?-i)b', 'AB', undefined],
    ['(?i)[a-c]+[^x]', 'ABCX', 'ABC'],
    ['(?i)[[:upper:]]', 'a', 'a'],
    ['(?i)[\\W]', 'k', undefined],
    ['(?i)\\w+', '-ſK', 'ſK'],
    ['(?i)[\\w.]+', '-ſ.K', 'ſ.K'],
    ['(?i)\\W', 'ſK-', '-'],
    ['(?i)\\w(?-i)\\w', 'ſſ', undefined],
    ['[[:digit:][:^alpha:]]', 'a-', '-'],
    ['[]a]+', 'x]a]', ']a]'],
    ['[^]a]', ']ab', 'b'],
    ['[a-]+', 'x-a', '-a'],
    ['[\\w-.]+', '!a-.', 'a-.'],
    ['[\\b]', '\b', '\b'],
    ['[&&[]', 'x[', '['],
    ['a{2}', 'aaa', 'aa'],
    ['a{2,}?', 'aaa', 'aa'],
    ['a{,3}', 'a{,3}', 'a{,3}'],
    ['{x}', 'a{x}', '{x}'],
    ['\\x41\\x{1F600}\\u0042\\0', 'A😀B\0', 'A😀B\0'],
    ['\\a\\e\\f\\t', '\u0007\u001b\f\t', '\u0007\u001b\f\t'],
    ['\\R', 'a\r\nb', '\r\n'],
    ['\\N+', 'ab\nc', 'ab'],
    ['\\Q.*\\E+', 'a.***', '.***'],
    ['\\"\\\'\\-\\_\\:\\@\\#\\/', '"\'-_:@#/', '"\'-_:@#/'],
    ['^.$', '😀', '😀'],
    ['\\p{Lu}\\p{Nd}', 'É٣', 'É٣'],
    ['\\PL', 'é1', '1'],
    ['a|', 'b', ''],
    ['(?:^)?b', 'ab', 'b'],
    ['^*b', 'ab', 'b'],
  ])('%s in %j', (source, text, found) => {
    expect(javaScript(source).exec(text)?.[0]).toBe(found);
  });

  test('is what JavaScript itself finds, including groups, if the meaning is the same', () => {
    fc.assert(
      fc.property(
        regexpSource,
        fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 }),
        fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', '7', 'é', '\n', '😀') }),
        (source, numbers, around) => {
          const ours = javaScript(source);
          const text = `${around}${matchingText(readRegexpSource(source).root, chooser(numbers))}${around}`;
          const native = new RegExp(source, 'u').exec(text.replaceAll('\r', ' '));
          const own = ours.exec(text.replaceAll('\r', ' '));
          expect(own && [own.index, ...own]).toEqual(native && [native.index, ...native]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('RE2 gets', () => {
  test.each([
    ['User \\\\?"(?<target>[^"{}]+)" added', 'User \\\\?"([^"{}]+)" added'],
    ['(?<a>x)|(?P<b>y)', '(x)|(y)'],
    ['^a.b$', '\\Aa[^\\n]b(?:\\n?\\z)'],
    ['(?m)^a$', '(?m:^)a(?m:$)'],
    ['(?s).', '(?s:.)'],
    ['\\d\\w\\s', '[0-9][0-9A-Z_a-z][\\x{9}-\\n\\x{c}-\\x{d} ]'],
    ['\\Aa\\Z\\z\\b\\B', '\\Aa(?:\\n?\\z)\\z\\b\\B'],
    ['(?i)ab-', '[Aa][Bb]-'],
    ['\\/a\\-b', '\\/a-b'],
    ['é\\x00', '\\x{e9}\\x{0}'],
    ['(?:a|b)+?(?:cd){2,3}(?:e)*', '(?:a|b)+?(?:cd){2,3}e*'],
  ])('%s as %s', (source, expected) => {
    expect(re2(source)).toBe(expected);
  });

  test('the same search as JavaScript, in its own syntax', () => {
    fc.assert(
      fc.property(
        regexpSource,
        fc.constantFrom('', '^', '(?i)', '(?s)'),
        fc.constantFrom('', '$'),
        (middle, before, after) => {
          const source = `${before}${middle}${after}`;
          const spelled = re2(source)
            .replaceAll('\\x{', '\\u{')
            .replaceAll('(?s:.)', '[^]')
            .replaceAll('\\A', '^')
            .replaceAll('\\z', '$');
          expect(spelled).toBe(javaScript(source).source);
        },
      ),
    );
  });

  test('ASCII only', () => {
    expect(re2('Füße 😀 [ä-ü]\t')).toMatch(/^[ -~]+$/);
  });
});

describe('where JavaScript and RE2 differ', () => {
  test.each(['(?:a?)*', '(a*)+', '(?:a??b?){2,}', '(?:^)*', '(?:\\b|a)*', '(?:a??)?'])(
    'the empty iterations of %s are reported',
    (source) => {
      expect(engineDifference(readRegexpSource(source))).toBe(
        'a repeat whose iterations can be empty',
      );
    },
  );

  test.each(['(?:(a)|b)*', '(?:x(?:(a)b)?)+', '((a)|b){2}', '(?:x(?:(a)){0,2})*'])(
    'the groups of %s that an iteration skips are reported',
    (source) => {
      const named = engineDifference(readRegexpSource(source));
      expect(named).toBe('a repeat with a group that an iteration can skip');
    },
  );

  test.each(['(?:(a)b)+', '(a)?', '(a)|b', '(?:(a)|b)?', '[^"]*(?<x>\\S+)\\s*$', '(a+)+'])(
    'nothing is reported for %s',
    (source) => {
      expect(engineDifference(readRegexpSource(source))).toBeUndefined();
    },
  );
});

describe('groups', () => {
  test('are numbered by their opening parentheses and keep their names', () => {
    const { groups } = readRegexpSource('(a(?<b>c)(?:d))(?<@e.f>g)(?P<h>i)');
    expect(groups.map(({ number, name }) => [number, name])).toEqual([
      [1, undefined],
      [2, 'b'],
      [3, '@e.f'],
      [4, 'h'],
    ]);
  });

  test('do not capture the last line feed that $ allows', () => {
    expect(javaScript('(?<x>foo$)').exec('foo\n')?.[1]).toBe('foo');
    expect(javaScript('((foo.*$))').exec('foo!\n')?.slice(1)).toEqual(['foo!', 'foo!']);
    expect(re2('(?<x>foo$)')).toBe('(foo)(?:\\n?\\z)');
  });
});

describe('a construct that the engines do not share is refused with its position', () => {
  test.each([
    ['a(?=b)', '(?=', 'look-ahead'],
    ['a(?!b)', '(?!', 'look-ahead'],
    ['(?<=a)b', '(?<=', 'look-behind'],
    ['(?<!a)b', '(?<!', 'look-behind'],
    ['x(?>a)', '(?>', 'atomic groups'],
    ['a*+', '*+', 'possessive'],
    ['a++', '++', 'possessive'],
    ['a?+', '?+', 'possessive'],
    ['a{2}+', '{2}+', 'possessive'],
    ['(a)\\1', '\\1', 'back-references'],
    ['(?<a>b)\\k<a>', '\\k', 'back-references'],
    ['(?<a>b)(?P=a)', '(?P=', 'back-references'],
    ['(?x)a b', '(?x)', '(?x) flag'],
    ['(?U)a', '(?U)', '(?U) flag'],
    ['(?ix:a)', '(?ix:', '(?x) flag'],
    ['a\\Kb', '\\K', 'no \\K'],
    ['\\X', '\\X', 'no \\X'],
    ['\\cA', '\\c', 'no \\c'],
    ['\\G', '\\G', 'no \\G'],
    ['\\v', '\\v', 'no \\v'],
    ['(?#note)', '(?#', 'comments'],
    ['(?R)', '(?R)', '(?R) flag'],
    ['(?&n)', '(?&', 'recursion'],
    ['(?|a)', '(?|', 'branch reset'],
    ['ab{1001}', 'b{1001}', 'at most 1000 times'],
    ['b{1001,}', 'b{1001,}', 'at most 1000 times'],
    ['(?:a{50}){50}', '(?:a{50}){50}', 'at most 1000 times'],
    ['a{3,2}', '{3,2}', 'out of order'],
    ['*a', '*', 'nothing to repeat'],
    ['a|{2}', '{', 'nothing to repeat'],
    ['a**', '*', 'a quantifier after a quantifier'],
    ['[z-a]', 'z-a', 'out of order'],
    ['x[a', '[a', 'the class is not closed'],
    ['x(a', '(a', 'the group is not closed'],
    ['x)a', ')', 'the closing parenthesis'],
    ['x\\', '\\', 'a backslash at the end'],
    ['[[:foo:]]', '[:foo:]', 'there is no class'],
    ['\\p{Greek}', '\\p', 'general category'],
    ['(?i)\\p{Lu}', '\\p{Lu}', '\\p{Lu} with (?i)'],
    ['(?i)[\\P{Ll}]', '\\P{Ll}', '\\P{Ll} with (?i)'],
    ['\\xZZ', '\\x', 'names no character'],
    ['\\x{110000}', '\\x{110000}', 'names no character'],
    ['\\uD800', '\\uD800', 'names no character'],
    ['\ud800', '\ud800', 'half a surrogate pair'],
    ['(?<a>b)(?<a>c)', 'a', 'is used twice'],
    ['(?<1a>b)', '(', 'starts with unknown syntax'],
  ])('%s', (source, piece, message) => {
    const refused = (() => {
      try {
        readRegexpSource(source);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    if (!(refused instanceof QueryError)) throw new Error(`accepted: ${source}`);
    expect(refused.message).toContain(message);
    const found = source.slice(refused.span.start, refused.span.end);
    expect(found.startsWith(piece) || piece.startsWith(found)).toBe(true);
  });

  test('a duplicate name is reported at its second place', () => {
    expect(() => readRegexpSource('(?<a>b)(?<a>c)')).toThrow('at line 1 and position 11');
  });

  test('deeper than 100 groups is refused', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(() => readRegexpSource(nested(100))).not.toThrow();
    expect(() => readRegexpSource(nested(101))).toThrow('nested more than 100 levels deep');
  });
});

test('any source is read into regexps for both engines, or refused with a QueryError', () => {
  const pieces = fc.constantFrom(
    ...[
      '(',
      ')',
      '(?:',
      '(?<n>',
      '(?i)',
      '(?=',
      '[',
      ']',
      '[^',
      '-',
      '\\',
      '\\d',
      '\\Q',
      '\\E',
      '\\b',
    ],
    ...[
      '*',
      '+',
      '?',
      '{2}',
      '{',
      '}',
      ',',
      '|',
      '.',
      '^',
      '$',
      'a',
      'Z',
      '0',
      'é',
      '/',
      '[:alpha:]',
      '\\p{L}',
    ],
  );
  const source = fc.array(pieces, { maxLength: 15 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(source, fc.string({ unit: 'binary' })), (text) => {
      try {
        const regexp = readRegexpSource(text);
        expect(toJavaScriptRegExp(regexp)).toBeInstanceOf(RegExp);
        expect(toRe2(regexp)).toMatch(/^[ -~]*$/);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});
