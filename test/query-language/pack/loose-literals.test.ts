import { readFusibleQuery } from '../../../query-language/pack/fusible-query.ts';
import { looseLiterals } from '../../../query-language/pack/loose-literals.ts';

const looseOf = (filter: string, maxCharacters = 12) =>
  looseLiterals(readFusibleQuery(`filter ${filter}`), maxCharacters);

test.each([
  ['a shorter string stays whole', '@message like "Key removed"', 12, ['Key removed']],
  [
    'a longer string is cut to its rarest part',
    '@message like "eat a tea QZ4Kx1 at a tea"',
    6,
    ['QZ4Kx1'],
  ],
  [
    'the first of several equally rare parts is used',
    '@message like "zzzzzzzzzz"',
    8,
    ['zzzzzzzz'],
  ],
  ['characters of two units count once', '@message like "a😀😀b quick"', 8, ['😀😀b quic']],
  [
    'each of several strings is cut',
    '@message like /a tea (number|QZ1Kx)/',
    8,
    ['ea QZ1Kx', 'a number'],
  ],
  ['equal parts are combined', '@message like /(ate|eat) a QZXKQZXK/', 8, ['QZXKQZXK']],
  [
    'negated conditions are left out',
    '@message like "quick fox" and @message not like "x"',
    12,
    ['quick fox'],
  ],
  ['log types are left out', '@message like "quick fox" and @log like /-Task$/', 12, ['quick fox']],
  [
    'exact comparisons are left out',
    '@message like "quick fox" and @logStream = "x"',
    12,
    ['quick fox'],
  ],
  [
    'the longest of several is used',
    '@message like "quick fox" | filter @message like "quick"',
    12,
    ['quick fox'],
  ],
])('%s', (_, filter, maxCharacters, expected) => {
  expect(looseOf(filter, maxCharacters)?.regexps).toEqual(expected);
});

test.each([
  ['special characters', '@message like "a/b.c|d(e)["', 'a\\/b\\.c\\|d\\(e\\)\\['],
  [
    'characters with a meaning outside of a regexp',
    '@message like "qu`ck#fox"',
    'qu\\x60ck\\x23fox',
  ],
  ['a backslash, which may precede the closing slash', '@message like "quick\\\\"', 'quick\\x5c'],
  ['control characters', '@message like /qu\\x1bck\\nfo\\tx/', 'qu\\x1bck\\nfo\\tx'],
  ['unchanged quotes', '@message like /User "x\'q"/', 'User "x\'q"'],
  [
    'a case-insensitive word',
    '@message like /(?i)Kiosk 4/',
    '[Kk\u212a][Ii][Oo][Ss\u017f][Kk\u212a] 4',
  ],
  [
    'the dotless i, which is not a case of i',
    '@message like /(?i)quickı/',
    '[Qq][Uu][Ii][Cc][Kk\u212a]ı',
  ],
])('a string becomes a regexp that matches only itself: %s', (_, filter, expected) => {
  expect(looseOf(filter)?.regexps).toEqual([expected]);
});

test('the rarer of a case-insensitive word and a literal string is used', () => {
  expect(looseOf('@message like /(?i)wrong(?-i): QUERY_FAILED/')?.regexps).toEqual([
    'QUERY_FAILED',
  ]);
  expect(looseOf('@message like /(?i)add key(?-i) : /')?.regexps).toEqual([
    '[Aa][Dd][Dd] [Kk\u212a][Ee][Yy] : ',
  ]);
});

test.each([
  ['no string in particular', '@message like /\\d{9}/'],
  ['a test that may be true for any message', '@message like "quick fox" or @logStream = "x"'],
  ['only negated conditions', '@message not like "quick fox"'],
  ['only a blank', '@message like /\\d \\d/'],
])('a detection that requires %s has no strings', (_, filter) => {
  expect(looseOf(filter)).toBeUndefined();
});

test('rare characters cost less than common ones, several strings more than one', () => {
  const cost = (filter: string) => looseOf(filter)?.cost ?? Number.NaN;
  const quick = cost('@message like "quixotic"');
  expect(cost('@message like "eateries"')).toBeGreaterThan(quick);
  expect(cost('@message like "quixot"')).toBeGreaterThan(quick);
  expect(cost('@message like /quixotic|quixozic/')).toBeGreaterThan(quick);
  expect(cost('@message like "Added Permission"')).toBeGreaterThan(quick);
});
