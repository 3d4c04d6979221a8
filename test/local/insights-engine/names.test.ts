import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { ask, engineWith, run } from './ask.ts';

let engine: InsightsEngine;

beforeAll(async () => {
  engine = await engineWith([
    '{"status": 200, "user": {"name": "ann"}, "@odd": "x"}',
    '{"status": 404, "user": {"name": "bob"}, "@odd": "y"}',
  ]);
});

afterAll(() => engine.close());

describe('what is shown', () => {
  test.each([
    ['fields status | fields @message', ['status', '@message']],
    ['fields status, status', ['status']],
    ['fields status | display user.name', ['user.name']],
    ['display status | display user.name', ['user.name']],
    ['fields status as s', ['s']],
    ['fields status + 1', ['status + 1']],
    ['parse @message /(?<n>\\d+)/', ['@timestamp', '@message', 'n']],
    ['fields status | parse @message /(?<n>\\d+)/', ['status', 'n']],
    ['filter status = 200', ['@timestamp', '@message']],
    ['stats count() by user.name', ['user.name', 'count()']],
    ['stats count(*) as n, max(status) by bin(1h)', ['bin(1h)', 'n', 'max(status)']],
    ['stats count() as n by user.name as u | fields n + 1 as m', ['u', 'n', 'm']],
    ['stats count() as n by user.name as u | display n', ['n']],
    ['display @message | stats count() as n', ['n']],
    ['fields @ptr, status', ['status']],
  ])('%s shows %j', async (query, names) => {
    const { rows } = await run(engine, query);
    const fields = rows[0]?.map(({ field }) => field).filter((field) => field !== '@ptr');
    expect(fields).toEqual(names);
  });

  test('an expression without an alias is named as written', async () => {
    expect(
      await ask(engine, 'stats COUNT( * ), sum(status)/2 by bin(1h) as t | display t'),
    ).toEqual([{ t: '2026-01-01 00:00:00.000' }]);
    const [row] = await ask(engine, 'stats COUNT( * ), sum(status)/2');
    expect(row).toEqual({ 'COUNT( * )': '2', 'sum(status)/2': '302' });
  });
});

describe('defining a name', () => {
  test.each([
    'fields status as x, user.name as x',
    'fields status as x | fields user.name as x',
    'fields status | fields user.name as status',
    'fields status as @message',
    'fields status as x | parse @message "*" as x',
    'parse @message "*" as x | parse @message "*" as x',
    'parse @message "*" as x | fields x',
    'parse @message "* *" as x, x',
    'fields jsonParse(@message) as j | unnest j.user into j',
    'fields status as x | stats count() as x',
    'fields status as x | stats count() by user.name as x',
    'stats count() as x, sum(status) as x',
    'stats count() as x by status | stats sum(x) as x',
  ])('that is already defined is refused: %s', async (query) => {
    await expect(ask(engine, query)).rejects.toThrow(
      /^Ephemeral field is already defined: \S+ at line 1 and position \d+$/,
    );
  });

  test.each([
    'fields @x, @y | parse @message "*" as @x',
    'fields status | parse @message "*" as status',
    'fields status as x | fields x',
    'fields status as x | display x, x',
    'fields status as x | display status as x',
    'fields if(ispresent(status), status, 0) as status',
    'stats max(status) as status by user.name',
    'stats count() as x by status | fields x, status',
    'fields @message, @message | fields @message',
    'stats count(*), count(*)',
  ])('is allowed here: %s', async (query) => {
    expect(await ask(engine, query)).not.toEqual([]);
  });

  test('an alias is visible from the next item on', async () => {
    const query =
      'fields status as s, s + 1 as t, concat(s, t) as u | display u | sort u | limit 1';
    expect(await ask(engine, query)).toEqual([{ u: '200201' }]);
  });
});

describe('after stats', () => {
  test.each([
    'stats count() as n by status | filter user.name = "ann"',
    'stats count() as n by status | fields @message',
    'stats count() as n by status | display user.name',
    'stats count() as n by status | stats sum(m)',
    'stats count() as n by status | stats count() by bin(1h)',
    'stats count() as n by status | stats latest(n)',
    'stats count() as n by status as s | filter status = 200',
    'stats status',
    'stats count() + status',
  ])('other names are refused: %s', async (query) => {
    await expect(ask(engine, query)).rejects.toThrow(
      /^Unknown symbols found in or after stats: \S+ at line 1 and position \d+: after stats there are only its own columns$/,
    );
  });

  test('a sort key that no longer exists is dropped with a warning', async () => {
    const result = await run(engine, 'stats count() as n by status | sort @timestamp desc, n');
    expect(result.warnings).toEqual([
      'sort ignores @timestamp at line 1 and position 37: stats left no such column',
    ]);
    expect(result.rows).toHaveLength(2);
  });

  test('columns without an alias can be referenced as written', async () => {
    expect(
      await ask(engine, 'stats count(*) by status | filter `count(*)` = 1 and status = 200'),
    ).toEqual([{ status: '200', 'count(*)': '1' }]);
  });

  test('stats can follow stats and use its columns', async () => {
    const query =
      'stats count() as n, max(@timestamp) as @t by user.name | stats sum(n) as total by dateceil(@t, 5m)';
    expect(await ask(engine, query)).toEqual([
      { 'dateceil(@t, 5m)': '2026-01-01 00:00:00.000', total: '1' },
      { 'dateceil(@t, 5m)': '2026-01-01 00:05:00.000', total: '1' },
    ]);
  });

  test.each(['sort n', 'limit 1'])('%s between two stats is refused', async (command) => {
    const query = ask(engine, `stats count() as n by status | ${command} | stats sum(n)`);
    await expect(query).rejects.toThrow(/must follow the last stats/);
  });
});

test('an unknown name that starts with @ is missing', async () => {
  expect(await ask(engine, 'fields @type, @requestId, status | limit 1')).toEqual([
    { status: '404' },
  ]);
});

test('a discovered key that starts with @ gets another @', async () => {
  expect(await ask(engine, 'fields @@odd | limit 1')).toEqual([{ '@@odd': 'y' }]);
});

test('a member of a field that the same command parses is empty, as measured on AWS', async () => {
  const [same] = await ask(engine, 'fields jsonParse(@message) as j, j.status as s | display s');
  expect(same).toEqual({});
  const [later] = await ask(
    engine,
    'fields jsonParse(@message) as j | fields j.status as s | display s',
  );
  expect(later).toEqual({ s: '404' });
});
