import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { ask, engineWith } from './ask.ts';

const messagesOf = async (engine: InsightsEngine, query: string) =>
  (await ask(engine, query)).map((row) => row['@message']);

describe('sort', () => {
  /** AWS's own example of the order. */
  const ascending = [
    ...['!', '#', '*%04', '0#', '5A', '111A', '2345_', '@', '@_', 'A', 'A9876fghj', 'a12345hfh'],
    ...['0', '01', '1', '2', '3'],
  ];

  test('orders text before numbers, runs of digits by length, everything else by code point', async () => {
    const engine = await engineWith(ascending.toReversed());
    expect(await messagesOf(engine, 'fields @message | sort @message')).toEqual(ascending);
    expect(await messagesOf(engine, 'fields @message | sort @message desc')).toEqual(
      ascending.toReversed(),
    );
    engine.close();
  });

  test('supports negative numbers, fractions, and code points beyond the first plane', async () => {
    const numbers = ['-10', '-2', '0.5', '1e1', '11'];
    const engine = await engineWith([...numbers, '\u{1f600}', '\uffee'].toReversed());
    expect(await messagesOf(engine, 'fields @message | sort @message')).toEqual([
      '\uffee',
      '\u{1f600}',
      ...numbers,
    ]);
    engine.close();
  });

  test('has several keys, with missing values last in both directions', async () => {
    const engine = await engineWith(['{"a":1,"b":1}', '{"a":1,"b":2}', '{"a":2,"b":1}', '{"b":0}']);
    const query = 'fields a, b | display a, b | sort';
    const pairs = async (keys: string) =>
      (await ask(engine, `${query} ${keys}`)).map(({ a, b }) => `${a ?? ''}${b}`);
    expect(await pairs('a desc, b')).toEqual(['21', '11', '12', '0']);
    expect(await pairs('a, b desc')).toEqual(['12', '11', '21', '0']);
    engine.close();
  });

  test('holds through the commands after it', async () => {
    const engine = await engineWith(['3', '1', '2']);
    const query = 'fields @message | sort @message | limit 2 | filter @message > 0';
    expect(await messagesOf(engine, query)).toEqual(['1', '2']);
    engine.close();
  });
});

describe('dedup', () => {
  let engine: InsightsEngine;
  beforeAll(async () => {
    engine = await engineWith([
      '{"server":"a","n":1}',
      '{"server":"b","n":2}',
      '{"server":"a","n":3}',
      '{"n":4}',
      '{"n":5}',
    ]);
  });
  afterAll(() => engine.close());

  const numbers = async (query: string) => (await ask(engine, query)).map(({ n }) => n);

  test('keeps the newest without sort, and every row that lacks the field', async () => {
    expect(await numbers('fields n | dedup server')).toEqual(['5', '4', '3', '2']);
  });

  test('keeps the first row in sort order', async () => {
    expect(await numbers('fields n | sort n asc | dedup server')).toEqual(['1', '2', '4', '5']);
  });

  test('compares all its fields together', async () => {
    expect(await numbers('fields n | sort n asc | dedup server, n')).toHaveLength(5);
  });

  test('can be limited', async () => {
    expect(await numbers('fields n | sort n asc | dedup server | limit 2')).toEqual(['1', '2']);
  });
});

describe('discovered fields', () => {
  const message = JSON.stringify({
    'detail-type': 'x',
    user: { name: 'ann', 'first.name': 'Ann' },
    'a.b': { c: 'dotted' },
    'http.server.duration': 5,
    items: [{ id: 'i-1' }, { id: 'i-2' }],
    'a/b~c': 'pointer',
    deep: { er: { and: { down: { below: 'far' } } } },
    big: 12345678901234,
    exact: 1.5,
    object: { a: [1] },
    unicode: 'größe "quoted"',
  });
  let engine: InsightsEngine;
  beforeAll(async () => {
    engine = await engineWith([message, '{"broken', 'plain', '"text"', '[1]', '']);
  });
  afterAll(() => engine.close());

  test.each([
    ['user.name', 'ann'],
    ['user.first.name', 'Ann'],
    ['user.`first.name`', 'Ann'],
    ['a.b.c', 'dotted'],
    ['`http.server.duration`', '5'],
    ['http.server.duration', '5'],
    ['`detail-type`', 'x'],
    ['items.0.id', 'i-1'],
    ['items[1].id', 'i-2'],
    ['`a/b~c`', 'pointer'],
    ['deep.er.and.down.below', 'far'],
    ['big', '12345678901234'],
    ['exact', '1.5'],
    ['object', '{"a":[1]}'],
    ['unicode', 'größe "quoted"'],
  ])('%s is %s', async (field, expected) => {
    expect(
      await ask(engine, `filter ispresent(${field}) | fields ${field} as x | display x`),
    ).toEqual([{ x: expected }]);
  });

  test('a message that is not JSON has none, and does not fail the query', async () => {
    expect(await ask(engine, 'stats count() as all, count(user.name) as named')).toEqual([
      { all: '6', named: '1' },
    ]);
  });
});

describe('unnest', () => {
  let engine: InsightsEngine;
  beforeAll(async () => {
    engine = await engineWith([
      '{"events":[{"name":"one"},{"name":"two"},3,null],"map":{"name":"m"},"none":[]}',
    ]);
  });
  afterAll(() => engine.close());

  const parsed = 'fields jsonParse(@message) as j';

  test('makes a row for each element of a list, in order, including null', async () => {
    const rows = await ask(engine, `${parsed} | unnest j.events into e | display e.name, e`);
    expect(rows).toEqual([
      { 'e.name': 'one', e: '{"name":"one"}' },
      { 'e.name': 'two', e: '{"name":"two"}' },
      { e: '3' },
      {},
    ]);
    expect(await ask(engine, `${parsed} | unnest j.events into e | stats count() as n`)).toEqual([
      { n: '4' },
    ]);
  });

  test.each([
    ['j.map', [{ 'x.name': 'm' }]],
    ['j.events.0.name', [{ x: 'one' }]],
    ['@logStream', [{ x: 'stream' }]],
    ['j.none', []],
  ])(
    'treats anything else as a list of one, and makes no row of an empty list: %s',
    async (source, expected) => {
      expect(
        await ask(engine, `${parsed} | unnest ${source} into x | display x.name, x | fields @log`),
      ).toHaveLength(expected.length);
      const shown = source === 'j.map' ? 'x.name' : 'x';
      expect(await ask(engine, `${parsed} | unnest ${source} into x | display ${shown}`)).toEqual(
        expected,
      );
    },
  );

  test('a list of split is refused', async () => {
    const query = ask(engine, 'fields split(@message, ",") as parts | unnest parts into p');
    await expect(query).rejects.toThrow(/unnest takes a list from jsonParse/);
  });

  test('events within events', async () => {
    const nested = await engineWith(['{"a":[{"b":[1,2]},{"b":[3]}]}']);
    const query = `${parsed} | unnest j.a into x | unnest x.b into y | display y`;
    expect(await ask(nested, query)).toEqual([{ y: '1' }, { y: '2' }, { y: '3' }]);
    nested.close();
  });
});
