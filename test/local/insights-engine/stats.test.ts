import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { ask, engineWith, group, run, startEpochMs } from './ask.ts';

const record = (fields: Readonly<Record<string, unknown>>) => JSON.stringify(fields);

let engine: InsightsEngine;

beforeAll(async () => {
  engine = await engineWith([
    record({ kind: 'a', n: 1, ok: true, word: 'x10' }),
    record({ kind: 'a', n: 2, ok: false, word: 'x9' }),
    record({ kind: 'b', n: '4', ok: true, word: 'y' }),
    record({ kind: 'b', n: 'none', word: 'y' }),
    record({ n: 10, word: '7' }),
  ]);
});

afterAll(() => engine.close());

test.each([
  ['count()', '5'],
  ['count(*)', '5'],
  ['count(kind)', '4'],
  ['count_distinct(kind)', '2'],
  ['countDistinct(word)', '4'],
  ['countOverTime(*)', '5'],
  ['sum(n)', '17'],
  ['sumOverTime(n)', '17'],
  ['sum(ok)', '2'],
  ['sum(kind = "a")', '2'],
  ['sum(ispresent(ok))', '3'],
  ['avg(n)', '4.25'],
  ['min(n)', '1'],
  ['max(n)', '10'],
  ['max(kind)', 'b'],
  ['min(word)', '7'],
  ['max(word)', '7'],
  ['pct(n, 50)', '2'],
  ['pct(n, 0)', '1'],
  ['pct(n, 100)', '10'],
  ['median(n)', '2'],
  ['round(variance(n), 6)', '12.1875'],
  ['round(stddev(n), 3)', '3.491'],
  ['earliest(kind)', 'a'],
  ['latest(kind)', 'b'],
  ['latest(n)', '10'],
  ['earliest(@timestamp)', `${startEpochMs}`],
  ['max(@timestamp)', `${startEpochMs + 4000}`],
  ['max(@ingestionTime - @timestamp)', '250'],
  ['sortsFirst(word)', 'x9'],
  ['sortsLast(word)', '7'],
  ['values(kind)', '["a","b"]'],
  ['topk(1, kind)', '["a"]'],
  ['topk(2, word)', '["y","7"]'],
  ['max(n) - min(n)', '9'],
  ['sum(n) > 16 and !(count() = 4)', '1'],
  ['concat(count(), "/", max(n))', '5/10'],
  ['coalesce(max(nosuch), "none")', 'none'],
])('stats %s is %s', async (aggregate, expected) => {
  expect(await ask(engine, `stats ${aggregate} as answer`)).toEqual([{ answer: expected }]);
});

test('missing values form their own group, without that field', async () => {
  expect(await ask(engine, 'stats count() as n by kind')).toEqual([
    { kind: 'a', n: '2' },
    { kind: 'b', n: '2' },
    { n: '1' },
  ]);
});

test('events can be grouped by expressions', async () => {
  const query = 'stats count() as c by if(n > 3, "many", "few") as size, bin(2s)';
  expect(await ask(engine, query)).toEqual([
    { size: 'few', 'bin(2s)': '2026-01-01 00:00:00.000', c: '2' },
    { size: 'few', 'bin(2s)': '2026-01-01 00:00:02.000', c: '1' },
    { size: 'many', 'bin(2s)': '2026-01-01 00:00:02.000', c: '1' },
    { size: 'many', 'bin(2s)': '2026-01-01 00:00:04.000', c: '1' },
  ]);
});

test('an alias of the same stats can be used after it is defined', async () => {
  const query = 'stats max(n) as high, min(n) as low, high - low as span, span * 2 as twice';
  expect(await ask(engine, query)).toEqual([{ high: '10', low: '1', span: '9', twice: '18' }]);
});

test('a chain of aliases does not multiply the work', async () => {
  const doubled = Array.from({ length: 40 }, (_, at) => `x${at} + x${at} as x${at + 1}`).join(', ');
  const [row] = await ask(engine, `stats count() as x0, ${doubled}`);
  expect(row?.x40).toBe(`${5 * 2 ** 40}`);
});

test('without events there is one row without by, and none with by', async () => {
  const nothing = 'filter kind = "none"';
  expect(await ask(engine, `${nothing} | stats count() as n, sum(n) as s`)).toEqual([{ n: '0' }]);
  expect(await ask(engine, `${nothing} | stats count() as n by kind`)).toEqual([]);
  expect(await ask(engine, `${nothing} | stats max(n)`)).toEqual([]);
});

test('stats can be chained at most ten times', async () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, at) =>
      `stats count() as n${at} by n${at - 1}`.replace(' by n-1', ' by n'),
    );
  expect(await ask(engine, chain(10).join(' | '))).toEqual([{ n8: '1', n9: '1' }]);
  await expect(ask(engine, chain(11).join(' | '))).rejects.toThrow(/10 stats commands/);
});

test('one extreme number does not fail an aggregation', async () => {
  const extreme = await engineWith(['1e308', '1.7e308', '-1e308', '1', 'inf', 'nan', '1e999']);
  const [row] = await ask(
    extreme,
    'stats count() as c, stddev(@message) as s, variance(@message) as v, sum(@message) as t, avg(@message) as a',
  );
  expect(row).toMatchObject({ c: '7', s: '0', v: '0' });
  extreme.close();
});

test.each([
  ['pct(n, 200)', /from 0 to 100/],
  ['pct(n, -5)', /from 0 to 100/],
  ['pct(n, n)', /must be a number/],
  ['pct(n)', /takes 2 arguments, found 1/],
  ['sum(*)', /takes 1 argument, found \*/],
  ['sum(count())', /not inside another/],
  ['topk(0, n)', /from 1 to 10000/],
  ['topk(1.5, n)', /from 1 to 10000/],
  ['topk(1, n) as k, count()', /with by or another/],
  ['topk(1, n) by kind', /with by or another/],
  ['rate(n, 1m)', /rate\(\) is not supported/],
])('stats %s is refused', async (aggregate, message) => {
  const query = run(engine, `stats ${aggregate}`);
  await expect(query).rejects.toMatchObject({ name: 'QueryError' });
  await expect(query).rejects.toThrow(message);
});

test('earliest is unique among rows of equal time', async () => {
  const event = (message: string) => ({
    logGroup: group,
    logStream: 's',
    timestamp: startEpochMs,
    message,
  });
  const same = await engineWith([]);
  await same.load(['first', 'second', 'third'].map(event));
  expect(await ask(same, 'stats earliest(@message) as e, latest(@message) as l')).toEqual([
    { e: 'first', l: 'third' },
  ]);
  same.close();
});
