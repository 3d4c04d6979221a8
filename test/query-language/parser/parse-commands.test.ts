import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import type { Command } from '../../../query-language/syntax/ast.ts';
import { withoutSpans } from '../tree-fixture.ts';

/** The one command of a query, without spans. */
function command(text: string): unknown {
  const { commands } = parseQuery(text);
  expect(commands).toHaveLength(1);
  return withoutSpans(commands[0]);
}

function kinds(text: string): readonly Command['kind'][] {
  return parseQuery(text).commands.map(({ kind }) => kind);
}

const field = (name: string, path = [name]) => ({ kind: 'field', name, path });
const string = (value: string) => ({ kind: 'string', value });

describe('a query', () => {
  test('is commands joined by pipes, kept in their order', () => {
    expect(kinds('fields a | filter b = 1 | sort a | limit 5')).toEqual([
      'fields',
      'filter',
      'sort',
      'limit',
    ]);
  });

  test('may start with a pipe', () => {
    expect(kinds('| fields a')).toEqual(['fields']);
  });

  test('reads line ends as blanks and # as the start of a comment', () => {
    expect(kinds('# find it\r\nfields a # the field\n# | limit 1\n|\tlimit 2 # the end')).toEqual([
      'fields',
      'limit',
    ]);
  });

  test('keeps a # inside a string or a regexp', () => {
    expect(command('filter a like "x#y" or a like /#/ # comment')).toMatchObject({
      condition: { left: { pattern: string('x#y') }, right: { pattern: { source: '#' } } },
    });
  });

  test('takes keywords in any case', () => {
    const lower = 'fields a as b | filter a not in ["x"] and a like /x/ | stats count(*) by a';
    const upper = 'FIELDS a AS b | Filter a NOT IN ["x"] AND a LIKE /x/ | STATS COUNT(*) BY a';
    const anyName = (text: string) =>
      JSON.parse(
        JSON.stringify(withoutSpans(parseQuery(text).commands)).replaceAll('COUNT', 'count'),
      );
    expect(anyName(upper)).toEqual(anyName(lower));
  });

  test('can chain at most ten stats commands', () => {
    const chain = (length: number) => Array(length).fill('stats count(*) as n by x').join(' | ');
    expect(kinds(chain(10))).toHaveLength(10);
    expect(() => parseQuery(chain(11))).toThrow(
      'at most 10 stats commands at line 1 and position 271',
    );
  });
});

describe('fields and display', () => {
  test('name a column after the alias, else the field, else the expression as written', () => {
    const { commands } = parseQuery(
      'fields a, b.c as d, strlen( a ) , (a+1) as `x y`, a . b'.slice(0, -7),
    );
    const [fields] = commands;
    expect(fields?.kind === 'fields' && fields.items.map((item) => item.columnName)).toEqual([
      'a',
      'd',
      'strlen( a )',
      'x y',
    ]);
  });

  test('may end with a comma', () => {
    expect(kinds('fields a, b as c,\n | display a, | limit 1')).toEqual([
      'fields',
      'display',
      'limit',
    ]);
    expect(kinds('display a,')).toEqual(['display']);
  });

  test('take conditions as values', () => {
    expect(command('display level = "ERROR" as isError')).toMatchObject({
      kind: 'display',
      items: [{ alias: { name: 'isError' }, expression: { kind: 'binary', operator: '=' } }],
    });
  });
});

describe('filter', () => {
  test('is the same as where', () => {
    expect(command('where a > 2')).toEqual(command('filter a > 2'));
  });
});

describe('parse with a pattern', () => {
  test('gives each * a name', () => {
    expect(command('parse @message "user=*, id:*" as @user, id')).toEqual({
      kind: 'parse-glob',
      subject: field('@message'),
      pattern: string('user=*, id:*'),
      names: [{ name: '@user' }, { name: 'id' }],
    });
  });

  test('reads @message if it names no field', () => {
    expect(command("parse 'a *' as x")).toEqual(command("parse @message 'a *' as x"));
    const [parsed] = parseQuery("parse 'a *' as x").commands;
    expect(parsed?.kind === 'parse-glob' && parsed.subject.span).toEqual({ start: 6, end: 6 });
  });

  test('accepts a call as its subject', () => {
    expect(command('parse concat(a, b) "x*" as y')).toMatchObject({
      subject: { kind: 'call', name: 'concat' },
    });
  });

  test('without a * is a mark with one name', () => {
    expect(command('parse "Warm shutdown" as @warm')).toMatchObject({ names: [{ name: '@warm' }] });
  });

  test('may omit as', () => {
    expect(command('parse a "x*y*" b, c')).toEqual(command('parse a "x*y*" as b, c'));
  });

  test.each([
    ['parse a "x*y*" as b', 'the number of * (2) and of names (1) differ at line 1 and position 9'],
    [
      'parse a "x*" as b, c',
      'the number of * (1) and of names (2) differ at line 1 and position 9',
    ],
    ['parse a "x"', 'the number of * (0) and of names (0) differ at line 1 and position 9'],
    ['parse a "" as b', 'empty pattern at line 1 and position 9'],
    ['parse logfmt @message', 'unexpected symbol found @message at line 1 and position 14'],
    ['parse a', 'unexpected symbol found <EOF> at line 1 and position 8'],
  ])('%s is refused', (text, message) => {
    expect(() => parseQuery(text)).toThrow(message);
  });
});

describe('parse with a regexp', () => {
  test('makes fields of the named groups, in order, by their numbers among all groups', () => {
    expect(command('parse a /(?<route>\\/[a-z]+)(\\/[0-9]+)?(?<@tail>x)?/')).toEqual({
      kind: 'parse-regex',
      subject: field('a'),
      pattern: { kind: 'regex', source: '(?<route>\\/[a-z]+)(\\/[0-9]+)?(?<@tail>x)?' },
      names: [{ name: 'route' }, { name: '@tail' }],
      groups: [1, 3],
    });
  });

  test('takes the names after as instead of the groups’ own', () => {
    expect(command('parse /(?<x>a)(b)/ as y')).toMatchObject({
      names: [{ name: 'y' }],
      groups: [1],
    });
    expect(command('parse /(a)(b)/ as y, z')).toMatchObject({ groups: [1, 2] });
  });

  test('names point at their place in the text', () => {
    const text = 'parse /(?<user>a)/';
    const [parsed] = parseQuery(text).commands;
    const span = parsed?.kind === 'parse-regex' ? parsed.names[0]?.span : undefined;
    expect(text.slice(span?.start, span?.end)).toBe('user');
  });

  test.each([
    ['parse a /x/', 'the regexp has no named group at line 1 and position 9'],
    ['parse a /(x)/', 'the regexp has no named group at line 1 and position 9'],
    [
      'parse a /(x)/ as b, c',
      'the number of groups (1) and of names (2) differ at line 1 and position 9',
    ],
    ['parse a /(x)/ as b multi', 'parse … multi is not supported here at line 1 and position 20'],
    ['parse a //', 'empty regexp at line 1 and position 9'],
    ['parse a /x', "token recognition error at: '/x' at line 1 and position 9"],
  ])('%s is refused', (text, message) => {
    expect(() => parseQuery(text)).toThrow(message);
  });
});

describe('stats', () => {
  test('has aggregates, and groups after by', () => {
    expect(command('stats count() as n, sum(a) / 2 by bin(5m), b as c')).toMatchObject({
      aggregates: [
        { alias: { name: 'n' }, columnName: 'n', expression: { name: 'count', arguments: [] } },
        { columnName: 'sum(a) / 2' },
      ],
      by: [{ columnName: 'bin(5m)' }, { alias: { name: 'c' }, expression: field('b') }],
    });
  });

  test('names a column as it was written', () => {
    for (const written of ['count(*)', 'count()', 'COUNT( * )', 'avg (f1)']) {
      expect(command(`stats ${written} by x`)).toMatchObject({
        aggregates: [{ columnName: written }],
      });
    }
  });

  test('has no trailing comma', () => {
    expect(() => parseQuery('stats count(*), | limit 1')).toThrow('unexpected symbol found |');
  });
});

describe('sort', () => {
  test('is ascending unless desc follows, key by key', () => {
    expect(command('sort a, b desc, c asc')).toEqual({
      kind: 'sort',
      keys: [
        { expression: field('a'), descending: false },
        { expression: field('b'), descending: true },
        { expression: field('c'), descending: false },
      ],
    });
  });

  test('is the same as sort by, order and order by', () => {
    for (const spelling of ['sort by', 'order', 'order by', 'ORDER BY']) {
      expect(command(`${spelling} a desc`)).toEqual(command('sort a desc'));
    }
  });

  test('takes names only, as AWS does', () => {
    expect(() => parseQuery('stats count() as n by bin(5m) | sort bin(5m)')).toThrow(
      'unexpected symbol found ( at line 1 and position 41',
    );
  });
});

describe('limit', () => {
  test('is the same as head and tail', () => {
    expect(command('limit 20')).toEqual({ kind: 'limit', count: 20, any: false });
    expect(command('head 20')).toEqual(command('limit 20'));
    expect(command('tail 20')).toEqual(command('limit 20'));
  });

  test('any stops early', () => {
    expect(command('limit any 3')).toEqual({ kind: 'limit', count: 3, any: true });
  });

  test.each(['limit', 'limit x', 'limit 1.5', 'limit 0', 'limit 100001', 'limit -1', 'limit 5m'])(
    '%s is refused',
    (text) => {
      expect(() => parseQuery(text)).toThrow('unexpected symbol found');
    },
  );
});

describe('dedup', () => {
  test('takes fields', () => {
    expect(command('dedup a, `b c`')).toEqual({
      kind: 'dedup',
      fields: [field('a'), field('b c')],
    });
  });

  test('lets only limit follow', () => {
    expect(kinds('dedup a | limit 5')).toEqual(['dedup', 'limit']);
    expect(() => parseQuery('dedup a | sort a')).toThrow(
      'unexpected symbol found sort at line 1 and position 11: after dedup only limit can follow',
    );
  });
});

describe('unnest', () => {
  test('names its elements', () => {
    expect(command('unnest j.events into event')).toEqual({
      kind: 'unnest',
      subject: field('j.events', ['j', 'events']),
      into: { name: 'event' },
    });
  });

  test('without into is refused', () => {
    expect(() => parseQuery('unnest parts')).toThrow(
      'unexpected symbol found <EOF> at line 1 and position 13: expected into',
    );
  });
});

describe('SOURCE', () => {
  test('names log groups at the beginning, one or several', () => {
    const [source, fields] = parseQuery('SOURCE "/a" | source \'b\' | fields x').commands;
    expect(withoutSpans(source)).toEqual({
      kind: 'source',
      logGroups: [string('/a'), string('b')],
    });
    expect(fields?.kind).toBe('fields');
  });

  test('takes the times of the stored form', () => {
    const [source] = parseQuery(
      'SOURCE "/a" START=1770000000000 END=1770000059999 | fields x',
    ).commands;
    expect(source).toMatchObject({ startEpochMs: 1770000000000, endEpochMs: 1770000059999 });
  });

  test('spans the groups, not the pipe after them', () => {
    const text = "SOURCE 'a' | SOURCE 'b' | fields x";
    const [source] = parseQuery(text).commands;
    expect(text.slice(source?.span.start, source?.span.end)).toBe("SOURCE 'a' | SOURCE 'b'");
  });

  test.each([
    ["fields x | SOURCE 'a'", 'SOURCE is only allowed at the beginning of a query'],
    ["SOURCE 'a'", 'unexpected symbol found <EOF> at line 1 and position 11: expected |'],
    ["SOURCE 'a' fields x", 'unexpected symbol found fields at line 1 and position 12: expected |'],
    ['SOURCE | fields x', 'expected the name of a log group in quotes'],
    [
      "SOURCE logGroups(namePrefix: ['a']) | fields x",
      'SOURCE logGroups is not supported here at line 1 and position 8',
    ],
    ["SOURCE 'a' START=-3600s END=0s | fields x", 'expected a time in epoch milliseconds'],
    [
      "SOURCE 'a' START=1 START=2 | fields x",
      'unexpected symbol found START at line 1 and position 20',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parseQuery(text)).toThrow(message);
  });
});
