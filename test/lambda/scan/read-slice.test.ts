import { GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { endTimeReadings } from '../setup/end-time.ts';
import {
  type Held,
  holding,
  partRowsMax,
  rowOf,
  rowsMax,
  startEpochMs,
} from '../setup/held-events.ts';
import { containing } from '../setup/pack-fixture.ts';

const times = (count: number, second: number, logGroup = 'a'): Held[] =>
  Array.from({ length: count }, () => ({ logGroup, second }));
const seconds = (list: readonly number[], logGroup = 'a'): Held[] =>
  list.map((second) => ({ logGroup, second }));
const endOf = ({ window }: { window: { endEpochMs: number } }) =>
  (window.endEpochMs - startEpochMs) / 1000;

test('a slice that is not cut off takes one query a text, and is returned in full', async () => {
  const fixture = holding(seconds([1, 2, 3]));
  const [reading, ...more] = await fixture.read();
  expect(more).toEqual([]);
  expect(fixture.queries.map(({ text }) => text)).toEqual(['the pack']);
  expect(reading).toMatchObject({
    logGroups: ['a', 'b'],
    ...{ bytesScanned: 100, doubts: 0, flooded: false },
  });
  expect(reading).not.toHaveProperty('matches');
  expect(reading?.events.map(({ seen }) => seen.message)).toEqual([
    'event 0',
    'event 1',
    'event 2',
  ]);
});

test('a slice that is cut off is returned up to its last whole second, and nothing is read twice', async () => {
  const fixture = holding(seconds([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 58]));
  const [reading, ...more] = await fixture.read();
  expect(more).toEqual([]);
  expect(reading && endOf(reading)).toBe(50);
  expect(reading?.events).toHaveLength(9);
  expect(fixture.queries.filter(({ text }) => text === 'the pack')).toHaveLength(1);
  expect(fixture.lines.map(({ decision }) => decision)).toContain('slice-cut-off');
});

test('an answer that is exactly full may be cut off: its last second is read again', async () => {
  const [reading] = await holding(times(rowsMax, 50)).read();
  expect(reading && endOf(reading)).toBe(50);
  expect(reading?.events).toEqual([]);
  expect((await holding(times(rowsMax - 1, 50)).read()).map(endOf)).toEqual([60]);
});

test('if rows are not in the order of their times, the slice is halved', async () => {
  const fixture = holding([...seconds([40]), ...times(rowsMax, 5)]);
  const [reading] = await fixture.read();
  expect(fixture.queries.map(({ from, to }) => to - from)).toContain(30);
  expect(reading && endOf(reading)).toBe(5);
});

test('a second of several groups that is cut off is read group by group', async () => {
  const fixture = holding([...times(6, 0), ...times(6, 0, 'b')]);
  const readings = await fixture.read({ to: 1 });
  expect(readings.map(({ logGroups, flooded }) => [logGroups, flooded])).toEqual([
    [['a'], false],
    [['b'], false],
  ]);
  expect(readings.map(({ events }) => events.length)).toEqual([6, 6]);
  const bytes = readings.reduce((sum, { bytesScanned }) => sum + bytesScanned, 0);
  expect(bytes).toBe(100 * fixture.queries.length);
});

test('an overflowing second of one group has the rows that were read, and is a flood', async () => {
  const fixture = holding([...times(partRowsMax + 5, 7), ...seconds([7], 'b')]);
  const [first, second] = await fixture.read({ from: 7, to: 8 });
  expect(first).toMatchObject({ logGroups: ['a'], flooded: true });
  expect(first?.events).toHaveLength(partRowsMax);
  expect(first?.outcomes.get('a')).toEqual({ kind: 'scanned' });
  expect(second).toMatchObject({
    logGroups: ['b'],
    flooded: false,
    events: [{ seen: { logGroup: 'b' } }],
  });
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ level: 'error', decision: 'log-flood', logGroups: ['a'] }),
  );
});

test.each(endTimeReadings)(
  'where endTime is read to its %s, reading on gives each event once, but for those of a flood',
  async (endTime) => {
    const held = fc.record({
      logGroup: fc.constantFrom('a', 'b'),
      second: fc
        .tuple(fc.nat({ max: 20 }), fc.constantFrom(0, 0.001, 0.5, 0.999))
        .map(([second, part]) => second + part),
    });
    const crowd = fc.tuple(held, fc.constantFrom(1, 1, 1, 1, rowsMax + 2, partRowsMax));
    await fc.assert(
      fc.asyncProperty(fc.array(crowd, { maxLength: 20 }), async (drawn) => {
        // Insights sorts them, as the text of the pack requires.
        const events = drawn
          .flatMap(([event, count]) => times(count, event.second, event.logGroup))
          .sort((a, b) => a.second - b.second);
        const fixture = holding(events, { endTime });
        const found: string[] = [];
        const lost: string[] = [];
        let bytes = 0;
        for (let from = 0; from < 21; ) {
          const readings = await fixture.read({ from, to: 21 });
          const [to = Number.NaN] = new Set(readings.map(endOf));
          expect(readings.map(({ window }) => window.startEpochMs)).toEqual(
            readings.map(() => startEpochMs + from * 1000),
          );
          expect(new Set(readings.map(endOf)).size).toBe(1);
          for (const reading of readings) {
            if (reading.flooded) lost.push(`${reading.logGroups} ${from}`);
            else found.push(...reading.events.map(({ seen }) => seen.message));
            bytes += reading.bytesScanned;
          }
          from = to;
        }
        const placed = events.map((event, at) => ({
          message: `event ${at}`,
          place: `${event.logGroup} ${Math.floor(event.second)}`,
        }));
        const floods = [...Map.groupBy(placed, ({ place }) => place)].filter(
          ([, all]) => all.length >= partRowsMax,
        );
        expect(lost.toSorted()).toEqual(floods.map(([place]) => place).toSorted());
        const rest = placed
          .filter(({ place }) => !lost.includes(place))
          .map(({ message }) => message);
        expect(found.toSorted()).toEqual(rest.toSorted());
        expect(bytes).toBe(100 * fixture.queries.length);
      }),
      { numRuns: 60 },
    );
  },
);

test.each<[string, Partial<Held>, string]>([
  ['of a group that was not queried', { logGroup: 'elsewhere' }, 'was not queried'],
  ['of a time before the slice', { second: -1 }, 'outside the window'],
  ['of a time long after the slice', { second: 3600 }, 'outside the window'],
])('a row %s is skipped and reported; the other rows count', async (_, changes, problem) => {
  const fixture = holding([]);
  const rows = [
    rowOf({ logGroup: 'a', second: 1, ...changes }, 0),
    rowOf({ logGroup: 'a', second: 2 }, 1),
  ];
  const results = rows.map((row) => [...row]);
  fixture.logs.on(GetQueryResultsCommand).resolves({ status: 'Complete', results });
  const [reading] = await fixture.read({}, 'near');
  expect(reading?.events.map(({ seen }) => seen.message)).toEqual(['event 1']);
  expect(reading?.outcomes.get('a')).toEqual({ kind: 'scanned' });
  expect(reading?.unreadable).toMatchObject([
    { count: 1, problem: expect.stringContaining(problem), fields: expect.any(Array) },
  ]);
});

test('a row of the first second after the slice is left to the next slice, without a report', async () => {
  const fixture = holding([]);
  const results = [[...rowOf({ logGroup: 'a', second: 60 }, 0)]];
  fixture.logs.on(GetQueryResultsCommand).resolves({ status: 'Complete', results });
  const [reading] = await fixture.read({}, 'near');
  expect(reading).toMatchObject({ events: [], unreadable: [] });
});

test('a group that could not be read was not read: nothing of it counts', async () => {
  const fixture = holding([...seconds([1]), ...seconds([2], 'b')]);
  fixture.deny('the pack', 'a');
  const [reading] = await fixture.read();
  expect(reading?.outcomes.get('a')).toMatchObject({ kind: 'blind', cause: 'query-denied' });
  expect(reading?.outcomes.get('b')).toEqual({ kind: 'scanned' });
  expect(reading?.events.map(({ seen }) => seen.logGroup)).toEqual(['b']);
});

describe('rows of the second after the slice, if endTime is read to the end of its second', () => {
  const crowded = [...seconds([59]), ...times(2 * rowsMax, 60)];

  test('do not make a complete answer count as cut off', async () => {
    const fixture = holding(crowded);
    const readings = await fixture.read();
    expect(readings.map(endOf)).toEqual([60]);
    expect(readings[0]?.events).toHaveLength(1);
    expect(fixture.queries).toHaveLength(1);
  });

  test('are no flood of the last second', async () => {
    const [reading] = await holding(crowded).read({ from: 59, logGroups: ['a'] });
    expect(reading).toMatchObject({ flooded: false, events: [{}] });
  });

  test('prove nothing if they are out of order: the slice is halved', async () => {
    const fixture = holding([...times(1, 60), ...times(rowsMax, 30)]);
    const [reading] = await fixture.read();
    expect(reading && endOf(reading)).toBe(30);
  });
});

test.each([
  ['a warning where all filters are exact', containing('granted', 'event 1'), 'warn'],
  [
    'information where one is loosened',
    { id: 'granted', literals: ['event'], condition: containing('', 'event 1').condition },
    'info',
  ],
])('rows that belong to no detection are skipped, and are %s', async (_, candidate, level) => {
  const fixture = holding(seconds([1, 2, 3]), { candidates: [candidate] });
  const [reading] = await fixture.read({}, 'near');
  expect(reading?.events.map(({ seen }) => seen.message)).toEqual(['event 1']);
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ level, decision: 'candidates-unclaimed', lane: 'near', rows: 2 }),
  );
});

test('queries that scanned fewer groups than were queried are counted, even without a usable answer', async () => {
  const fixture = holding([]);
  const rows = times(rowsMax, 0).map((event, at) => [...rowOf(event, at)]);
  fixture.logs.on(GetQueryResultsCommand).resolves({
    ...{ status: 'Complete', results: [], statistics: { logGroupsScanned: 1 } },
  });
  fixture.logs.on(GetQueryResultsCommand, { queryId: '0' }).resolves({
    ...{ status: 'Complete', results: rows, statistics: { logGroupsScanned: 1 } },
  });
  const [reading] = await fixture.read({}, 'near');
  expect(reading).toMatchObject({ doubts: 2 });
});
