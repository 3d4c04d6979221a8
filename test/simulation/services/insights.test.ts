import { packText } from '../../../lambda/query/pack-text.ts';
import { documentedQuery, simulatedPlan } from '../plan.ts';
import { type InsightsManner, type QueryCourse, SimulatedInsights } from './insights.ts';
import { SimulatedLogGroup } from './log-groups.ts';

const startEpochMs = Date.parse('2026-03-02T00:00:00Z');
const plan = simulatedPlan(5, 1);
const pack = packText(plan.candidates, plan.packRowsMax).queryString;

const quick: QueryCourse = {
  fate: 'Complete',
  waitsMs: 100,
  runsMs: 100,
  pageRows: 10_000,
  groupsDoubtful: 0,
};

function worldOf(
  changes: Partial<SimulatedLogGroup['facts']> = {},
  manner: Partial<InsightsManner> = {},
) {
  const groups = new Map(
    ['one', 'two'].map((name) => [
      name,
      new SimulatedLogGroup(name, {
        exists: true,
        createdEpochMs: 0,
        retentionDays: undefined,
        denial: undefined,
        enabled: true,
        logLevel: 'INFO',
        busy: true,
        ...(name === 'two' && changes),
      }),
    ]),
  );
  const write = (logGroup: string, offsetMs: number, message = 'add-role', lagMs = 0) => {
    const epochMs = startEpochMs + offsetMs;
    const visibleEpochMs = epochMs + lagMs;
    const place = { logGroup, logStream: 'stream', ingestedEpochMs: visibleEpochMs };
    groups.get(logGroup)?.write({ ...place, epochMs, message, visibleEpochMs });
  };
  const insights = new SimulatedInsights(groups, manner);
  const start = (
    [from, to]: readonly [number, number],
    {
      queryString = pack,
      names = ['one', 'two'],
      atMs = 3_600_000,
      course = quick,
    }: {
      queryString?: string;
      names?: string[];
      atMs?: number;
      course?: QueryCourse;
    } = {},
  ) => {
    const startTime = startEpochMs / 1000 + from;
    const endTime = startEpochMs / 1000 + to;
    const input = { queryString, logGroupNames: names, startTime, endTime };
    const { queryId } = insights.startQuery(input, startEpochMs + atMs, course);
    return (afterMs: number, nextToken?: string) =>
      insights.getQueryResults({ queryId, nextToken }, startEpochMs + atMs + afterMs);
  };
  const ask = (...asked: Parameters<typeof start>) => start(...asked)(1_000).results;
  return { groups, write, insights, start, ask };
}

test.each([
  ['second', ['10.000', '19.999', '20.000', '20.001', '20.999']],
  ['millisecond', ['10.000', '19.999', '20.000']],
] as const)('with endTime read as %s a query holds %j', (endTime, expected) => {
  const { write, ask } = worldOf({}, { endTime });
  for (const offsetMs of [9_999, 10_000, 19_999, 20_000, 20_001, 20_999, 21_000]) {
    write('one', offsetMs);
  }
  expect(ask([10, 20]).map((row) => row[0]?.value?.slice(17))).toEqual(expected);
});

test.each([
  ['second', ['20.000', '20.999']],
  ['millisecond', ['20.000']],
] as const)('a query of one second alone holds as much of it: %s, %j', (endTime, expected) => {
  const { write, ask } = worldOf({}, { endTime });
  for (const offsetMs of [19_999, 20_000, 20_999, 21_000]) write('one', offsetMs);
  expect(ask([20, 20]).map((row) => row[0]?.value?.slice(17))).toEqual(expected);
});

test.each(['InvalidParameterException', 'MalformedQueryException'] as const)(
  'a query of one second alone may be refused by %s, and one of two is not',
  (sameSecond) => {
    const { start } = worldOf({}, { sameSecond });
    expect(() => start([20, 20])).toThrow(expect.objectContaining({ name: sameSecond }));
    expect(start([20, 21])(1_000).status).toBe('Complete');
  },
);

test('a query of one second alone may end as Failed, and one of two does not', () => {
  const { start } = worldOf({}, { sameSecond: 'Failed' });
  expect(start([20, 20])(1_000).status).toBe('Failed');
  expect(start([20, 21])(1_000).status).toBe('Complete');
});

test('a query that ends before it begins is refused', () => {
  const { start } = worldOf();
  expect(() => start([20, 19])).toThrow(
    expect.objectContaining({ name: 'InvalidParameterException' }),
  );
});

test('an answer leaves out what is not yet visible when the query starts', () => {
  const { write, ask } = worldOf();
  write('one', 10_000, 'add-role', 60_000);
  expect(ask([0, 20], { atMs: 69_999 })).toEqual([]);
  expect(ask([0, 20], { atMs: 70_000 })).toHaveLength(1);
});

test('a running query returns part of its rows, and only its status says so', () => {
  const { write, start } = worldOf();
  for (const offsetMs of [1_000, 2_000, 3_000]) write('one', offsetMs);
  const results = start([0, 20]);
  expect([0, 100, 199, 200].map((afterMs) => results(afterMs).status)).toEqual([
    ...['Scheduled', 'Running', 'Running', 'Complete'],
  ]);
  expect([0, 100, 200].map((afterMs) => results(afterMs).results.length)).toEqual([0, 2, 3]);
});

test.each(['Failed', 'Timeout', 'Cancelled', 'Unknown', 'never-ends'] as const)(
  'a query whose fate is %s is never Complete',
  (fate) => {
    const { start } = worldOf();
    const results = start([0, 20], { course: { ...quick, fate } });
    const shown = fate === 'never-ends' ? 'Running' : fate;
    expect(results(1_000_000).status).toBe(shown);
  },
);

test('an answer holds the first rows in time over all groups, up to its limit, in pages', () => {
  const { write, start, insights } = worldOf();
  for (const second of [1, 3, 5, 7]) write('one', second * 1000);
  for (const second of [2, 4, 6]) write('two', second * 1000);
  const results = start([0, 20], { course: { ...quick, pageRows: 3 } });
  const first = results(1_000);
  const second = results(1_000, first.nextToken);
  const rows = [...first.results, ...second.results].map((row) => row[0]?.value?.slice(17, 19));
  expect(rows).toEqual(['01', '02', '03', '04', '05']);
  expect(second.nextToken).toBeUndefined();
  expect(insights.query('query-1')).toMatchObject({ isCutOff: true, answered: true });
});

test('the documented query returns a row for each group with a match, and none for others', () => {
  const { write, ask } = worldOf();
  write('one', 1_000, 'add-role');
  write('one', 2_000, 'nothing of the kind');
  write('two', 3_000, 'nothing of the kind');
  expect(ask([0, 20], { queryString: documentedQuery })).toEqual([
    [
      { field: '@log', value: '123456789012:one' },
      { field: 'count()', value: '1' },
    ],
  ]);
});

test.each([
  ['is missing', { exists: false }, 'ResourceNotFoundException'],
  ['is denied', { denial: 'denied' }, 'AccessDeniedException'],
  ['is of another key', { denial: 'key-unreadable' }, 'AccessDeniedException'],
  ['was created later', { createdEpochMs: startEpochMs + 60_000 }, 'MalformedQueryException'],
] as const)('one group that %s fails the query over all of them', (_, facts, name) => {
  const { start } = worldOf(facts);
  expect(() => start([0, 20])).toThrow(expect.objectContaining({ name }));
  expect(start([0, 20], { names: ['one'] })(1_000).status).toBe('Complete');
});

test('events older than the retention, or in an emptied group, are gone', () => {
  const { groups, write, ask } = worldOf({ retentionDays: 1 });
  write('two', 0);
  const dayMs = 86_400_000;
  expect(ask([0, dayMs / 1000], { atMs: dayMs })).toHaveLength(1);
  expect(ask([0, dayMs / 1000 + 1], { atMs: dayMs + 1 })).toEqual([]);
  write('one', 0);
  expect(ask([0, 20])).toHaveLength(2);
  groups.get('one')?.empty();
  expect(ask([0, 20])).toHaveLength(1);
});
