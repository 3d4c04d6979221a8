import fc from 'fast-check';
import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp } from '../../../query-language/regexp/write-regexp.ts';
import { ask, engineWith } from './ask.ts';

const parseOne = async (message: string, pattern: string) => {
  const engine = await engineWith([message]);
  const [row] = await ask(engine, `parse @message ${pattern}`);
  engine.close();
  const { '@timestamp': _, '@message': __, ...fields } = row ?? {};
  return fields;
};

describe('a glob', () => {
  test.each([
    [
      'user=ann, method:GET, latency := 7',
      '"user=*, method:*, latency := *" as u, m, l',
      { u: 'ann', m: 'GET', l: '7' },
    ],
    ['[INFO] a [b] c', '"[*] *" as level, rest', { level: 'INFO', rest: 'a [b] c' }],
    ['a-b-c', '"*-*" as first, rest', { first: 'a', rest: 'b-c' }],
    ['x=1;y=2', '"x=*;" as x', { x: '1' }],
    ['x=;', '"x=*;" as x', { x: '' }],
    ['first\nsecond end', '"first*end" as between', { between: '\nsecond ' }],
    ['a.c', '"a.*" as x', { x: 'c' }],
    ['abc', '"a.*" as x', {}],
    ['nothing', '"user=*" as u', {}],
    ['it says success', '"success" as @ok', { '@ok': '' }],
    ['it says failure', '"success" as @ok', {}],
  ])(
    'matches as little as possible, and the last star the rest: %j %s',
    async (message, pattern, expected) => {
      expect(await parseOne(message, pattern)).toEqual(expected);
    },
  );
});

describe('a regexp', () => {
  test.each([
    ['User "bob" added', '/User "(?<user>[^"]+)" (?<verb>\\w+)/', { user: 'bob', verb: 'added' }],
    ['no match', '/User "(?<user>[^"]+)"/', {}],
    [
      'GET /a',
      '/(?<method>GET|POST) (?<path>\\/\\S*)(?<query>\\?.*)?/',
      { method: 'GET', path: '/a' },
    ],
    ['a=', '/a=(?<value>.*)/', { value: '' }],
    ['a', '/a(=(?<value>.*))?/', {}],
    ['a=', '/a(=(?<value>.*))?/', { value: '' }],
    ['b7', '/a(?<a>\\d*)|b(?<b>\\d*)/', { b: '7' }],
    ['b', '/a(?<a>\\d*)|b(?<b>\\d*)/', { b: '' }],
    ['x', '/(?<all>\\d*)/', { all: '' }],
    ['x', '/^(?<digit>\\d?)$/', {}],
    ['1.2.3.4 x', '/(\\d+)\\.(\\d+)/ as first, second', { first: '1', second: '2' }],
    ['k: v', '/(\\w+): (?<@value>\\w+)/', { '@value': 'v' }],
  ])(
    'gives no field for a group that did not take part: %j %s',
    async (message, pattern, expected) => {
      expect(await parseOne(message, pattern)).toEqual(expected);
    },
  );

  test('can have many groups', async () => {
    const groups = Array.from({ length: 12 }, (_, at) => `(?<g${at}>\\w)`).join('');
    const fields = await parseOne('abcdefghijkl', `/${groups}/`);
    expect(Object.values(fields).join('')).toBe('abcdefghijkl');
  });
});

describe('against JavaScript', () => {
  const patterns = [
    '(?<x>a)?(?<y>b*)',
    '(?<x>a|ab)(?<y>c|bcd)?',
    '(a(?<x>b)?)?c(?<y>d|)',
    '^(?<x>[ab]*?)(?<y>c+)?$',
    '(?:(?<x>a)|(?<y>b))c',
  ];
  let engine: InsightsEngine;
  const messages = fc.sample(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', '\n'), maxLength: 7 }),
    { numRuns: 150, seed: 7 },
  );

  beforeAll(async () => {
    engine = await engineWith(messages);
  });
  afterAll(() => engine.close());

  test.each(patterns)('RE2 captures what a JavaScript RegExp captures: %s', async (pattern) => {
    const rows = await ask(
      engine,
      `fields @message | parse @message /${pattern}/ | sort @timestamp`,
    );
    const regexp = readRegexpSource(pattern);
    const search = toJavaScriptRegExp(regexp);
    rows.forEach(({ '@message': _, ...captured }, at) => {
      const match = search.exec(messages[at] ?? '');
      const expected = regexp.groups.flatMap(({ name, number }) => {
        const value = match?.[number];
        return name === undefined || value === undefined ? [] : [[name, value]];
      });
      expect({ message: messages[at], captured }).toEqual({
        message: messages[at],
        captured: Object.fromEntries(expected),
      });
    });
  });
});

test('events that do not match stay, and extracted fields can be used at once', async () => {
  const engine = await engineWith(['status=200', 'nothing', 'status=404']);
  const query = 'parse @message "status=*" as status';
  expect(
    await ask(engine, `${query} | stats count() as n, count(status) as s, max(status) as m`),
  ).toEqual([{ n: '3', s: '2', m: '404' }]);
  expect(await ask(engine, `${query} | filter status >= 400 | display status`)).toEqual([
    { status: '404' },
  ]);
  expect(
    await ask(engine, `${query} | parse status "4*" as rest | filter rest = "04" | display rest`),
  ).toEqual([{ rest: '04' }]);
  engine.close();
});
