import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { describePosition, QueryError } from '../../query-language/syntax/query-error.ts';

function refusal(text: string): QueryError {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

/** The part of the text that an error points at. */
function pointedAt(text: string): string {
  const { span } = refusal(text);
  return text.slice(span.start, span.end);
}

describe('a query that AWS refuses is refused in its words', () => {
  test.each([
    ['fields a | count()', "mismatched input 'count' expecting {"],
    ['fields a | fliter b', "mismatched input 'fliter' expecting {"],
    ['', "mismatched input '<EOF>' expecting {"],
    ['fields a |', "mismatched input '<EOF>' expecting {"],
    ['fields a || limit 1', "mismatched input '|' expecting {"],
    ['stats count(*) by x | sort count(*)', 'unexpected symbol found ( at line 1 and position 33'],
    ['fields a filter b', 'unexpected symbol found filter at line 1 and position 10'],
    ['fields replace(path, /\\/orders/, "x")', "token recognition error at: '\\'"],
    ['filter a like \\d', "token recognition error at: '\\'"],
    ['filter a = ‘x’', "token recognition error at: '‘'"],
    ['filter a = 1 | diff', 'Diff operation has to be used after Pattern'],
    ['filter a & b', "token recognition error at: '&'"],
  ])('%s', (text, message) => {
    expect(refusal(text).message).toContain(message);
  });
});

describe('an unsupported command is refused with its position and the supported ones', () => {
  test.each([
    'pattern @message',
    'anomaly',
    'join type=inner left=a right=b where a.x=b.x (SOURCE "g")',
    'lookup t id OUTPUT name',
    'json field=a "b" as c',
    'addtotals a',
    'fillmissing with 0 for a',
    'filterIndex a = 1',
    'unmask a',
    'countFrequent a',
    'estimate',
    'relevantfields a where a like /x/',
    'expand a',
    'sessionize a maxspan 1h as s',
  ])('%s', (command) => {
    const name = command.split(' ')[0];
    expect(refusal(`fields a\n | ${command}`).message).toBe(
      `the command ${name} is not supported here at line 2 and position 4: the supported commands are SOURCE, fields, filter, where, parse, stats, sort, order by, limit, head, tail, display, dedup, unnest`,
    );
  });

  test.each([
    [
      'parse @message logfmt as l',
      'parse … logfmt is not supported here at line 1 and position 16',
    ],
    ['parse @message csv as a, b', 'parse … csv is not supported here at line 1 and position 16'],
    [
      'filter a in (SOURCE "g" | fields b)',
      'subqueries are not supported here at line 1 and position 13',
    ],
  ])('%s', (text, message) => {
    expect(refusal(text).message).toContain(message);
  });
});

describe('an error points at the problem', () => {
  test.each([
    ['fields a,, b', ','],
    ['filter (a = 1', ''],
    ['filter a = ', ''],
    ['filter a and', ''],
    ['filter a = 1)', ')'],
    ['filter a like b', 'b'],
    ['filter a not = 1', '='],
    ['filter a in "x"', '"x"'],
    ['filter a in []', ']'],
    ['filter a in ["x" "y"]', '"y"'],
    ['filter and b', 'and'],
    ['fields a as', ''],
    ['fields a as by', 'by'],
    ['fields a as 5', '5'],
    ['stats by x', 'by'],
    ['stats count(*) by', ''],
    ['filter errorCode exists', 'exists'],
    ['filter a.b(1)', '('],
    ['fields bin(5x)', '5x'],
    ['fields bin(0m)', '0m'],
    ['fields bin(1.5h)', '1.5h'],
    ['fields f(a).', '.'],
    ['filter a = "x', '"x'],
    ['fields `a', '`a'],
    ['fields ``', '``'],
    ['filter a like /x', '/x'],
    ['filter a = 1e999', '1e999'],
    ['filter x like /a(?=b)/', '(?='],
    ['display a # note\n| limit 1.5', '1.5'],
  ])('%s', (text, piece) => {
    expect(pointedAt(text)).toBe(piece);
    expect(refusal(text).message).toMatch(/ at line \d+ and position \d+/);
  });

  test('with line and position, both from 1', () => {
    expect(describePosition('ab\ncd\n', 0)).toBe('line 1 and position 1');
    expect(describePosition('ab\ncd\n', 4)).toBe('line 2 and position 2');
    expect(describePosition('ab\ncd\n', 6)).toBe('line 3 and position 1');
    expect(refusal('fields a\n| filter b =\n  | limit 1').message).toBe(
      'unexpected symbol found | at line 3 and position 3: expected a field, a value or a function',
    );
  });

  test('with a long token cut, on one line', () => {
    const { message } = refusal(`filter a in "${'x'.repeat(100)}\n"`);
    expect(message).toMatch(/^unexpected symbol found "x{38}… at line 1/);
  });
});

describe('limits', () => {
  test.each([
    ['parentheses', (depth: number) => `filter ${'('.repeat(depth)}a${')'.repeat(depth)}`],
    ['calls', (depth: number) => `filter ${'f('.repeat(depth)}a${')'.repeat(depth)}`],
    ['not', (depth: number) => `filter ${'not '.repeat(depth)}a`],
    ['minus', (depth: number) => `filter ${'-'.repeat(depth)}a`],
    ['lists', (depth: number) => `filter ${'a in ['.repeat(depth)}1${']'.repeat(depth)}`],
  ])('%s can be nested 99 deep but not 101', (_, nest) => {
    expect(() => parseQuery(nest(99))).not.toThrow();
    expect(refusal(nest(101)).message).toMatch(
      /^the query is nested more than 100 levels deep at line 1/,
    );
  });

  test('a query has at most 10,000 characters, as in StartQuery', () => {
    const padded = (length: number) => 'fields a'.padEnd(length);
    expect(() => parseQuery(padded(10_000))).not.toThrow();
    expect(refusal(padded(10_001)).message).toContain('longer than 10000 characters');
  });
});
