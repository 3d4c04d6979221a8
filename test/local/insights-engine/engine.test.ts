import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { UnknownLogGroupError } from '../../../local/insights-engine/engine-types.ts';
import { ask, engineWith, eventsOf, group, run, startEpochMs } from './ask.ts';

const startEpochSeconds = startEpochMs / 1000;
const other = 'airflow-Test-Worker';

let engine: InsightsEngine;

beforeAll(async () => {
  engine = await InsightsEngine.open();
  await engine.createLogGroup(group, startEpochMs);
  await engine.load([...eventsOf(['one', 'two', 'three']), ...eventsOf(['größe'], other)]);
});

afterAll(() => engine.close());

test('without fields and display a row has @timestamp, @message and @ptr', async () => {
  const { rows } = await run(engine, 'limit 1');
  expect(rows[0]?.map(({ field }) => field)).toEqual(['@timestamp', '@message', '@ptr']);
});

test('without sort the newest event comes first', async () => {
  expect(await ask(engine, 'fields @message')).toEqual([
    { '@message': 'three' },
    { '@message': 'two' },
    { '@message': 'one' },
  ]);
});

test('times are shown in UTC with milliseconds, and @log begins with the account', async () => {
  const query = 'fields @timestamp, @ingestionTime, @log, @logStream | sort @timestamp | limit 1';
  expect(await ask(engine, query)).toEqual([
    {
      '@timestamp': '2026-01-01 00:00:00.000',
      '@ingestionTime': '2026-01-01 00:00:00.250',
      '@log': `000000000000:${group}`,
      '@logStream': 'stream',
    },
  ]);
});

test('rows of an aggregation have no @ptr, other rows have unique ones', async () => {
  const counted = await run(engine, 'stats count() by @message');
  expect(counted.rows.flat().map(({ field }) => field)).not.toContain('@ptr');
  const { rows } = await run(engine, 'fields @message');
  const pointers = rows.map((cells) => cells.find(({ field }) => field === '@ptr')?.value);
  expect(new Set(pointers).size).toBe(3);
});

test('a row omits fields that the event does not have', async () => {
  expect(await ask(engine, 'fields @message, nosuch | limit 1')).toEqual([{ '@message': 'three' }]);
});

test('the documented query counts by log group, and a group without a match has no row', async () => {
  const text =
    'fields @log, @timestamp, @message | filter @message like "wo" | stats count() by @log';
  expect(await ask(engine, text, { logGroups: [group, other] })).toEqual([
    { '@log': `000000000000:${group}`, 'count()': '1' },
  ]);
  expect((await run(engine, text.replace('wo', 'add-role'))).rows).toEqual([]);
});

test.each([
  [undefined, ['0', '1000', '1999']],
  ['second' as const, ['0', '1000', '1999']],
  ['millisecond' as const, ['0', '1000']],
])('with endTime read as %s, the range contains the events at %j', async (endTime, expected) => {
  const engine = await InsightsEngine.open();
  const event = (timestamp: number) => ({
    logGroup: group,
    logStream: 's',
    timestamp,
    message: `${timestamp - startEpochMs}`,
  });
  await engine.load([-1, 0, 1000, 1999, 2000].map((offset) => event(startEpochMs + offset)));
  const range = {
    startEpochSeconds,
    endEpochSeconds: startEpochSeconds + 1,
    ...(endTime && { endTime }),
  };
  const rows = await ask(engine, 'fields @message | sort @timestamp', range);
  engine.close();
  expect(rows.map((row) => row['@message'])).toEqual(expected);
});

test('an event is visible from its ingestion time on', async () => {
  const count = async (nowEpochMs: number) =>
    (await run(engine, 'fields @message', { nowEpochMs })).statistics.recordsScanned;
  expect(await count(startEpochMs + 249)).toBe(0);
  expect(await count(startEpochMs + 250)).toBe(1);
  expect(await count(startEpochMs + 1250)).toBe(2);
});

test('an event with a later ingestion time is visible from then on, the others are unchanged', async () => {
  const late = await engineWith(['one', 'two', 'three']);
  const place = { logGroup: group, logStream: 'stream', timestamp: startEpochMs + 1000 };
  const cameEpochMs = startEpochMs + 60_000;
  expect(await late.setIngestion(place, cameEpochMs)).toEqual(['two']);
  const seen = async (nowEpochMs: number) =>
    (await ask(late, 'fields @message | sort @timestamp', { nowEpochMs })).map(
      (row) => row['@message'],
    );
  expect(await seen(cameEpochMs - 1)).toEqual(['one', 'three']);
  expect(await seen(cameEpochMs)).toEqual(['one', 'two', 'three']);
  expect(await late.ingestionSpan()).toEqual({
    startEpochMs: startEpochMs + 250,
    endEpochMs: cameEpochMs + 1,
  });
  expect(await late.setIngestion({ ...place, logStream: 'other' }, cameEpochMs)).toEqual([]);
  late.close();
});

test('an event without ingestion time is visible at its timestamp, and shows none', async () => {
  const engine = await InsightsEngine.open();
  await engine.load([{ logGroup: group, logStream: 's', timestamp: startEpochMs, message: 'm' }]);
  const query = 'fields @message, @ingestionTime';
  expect(await ask(engine, query, { nowEpochMs: startEpochMs - 1 })).toEqual([]);
  expect(await ask(engine, query, { nowEpochMs: startEpochMs })).toEqual([{ '@message': 'm' }]);
  engine.close();
});

test('events from before their group was created cannot be queried', async () => {
  const engine = await InsightsEngine.open();
  await engine.load(eventsOf(['before', 'after']));
  await engine.createLogGroup(group, startEpochMs + 1);
  expect(await ask(engine, 'fields @message')).toEqual([{ '@message': 'after' }]);
  engine.close();
});

test('events can be loaded between queries, also from an asynchronous source', async () => {
  const engine = await InsightsEngine.open();
  async function* later() {
    yield* eventsOf(['second', 'third']);
  }
  expect(await engine.load(eventsOf(['first']))).toEqual({ events: 1 });
  expect(await ask(engine, 'stats count() as n')).toEqual([{ n: '1' }]);
  expect(await engine.load(later())).toEqual({ events: 2 });
  expect(await ask(engine, 'stats count() as n')).toEqual([{ n: '3' }]);
  engine.close();
});

test('a time that is not a whole number of milliseconds is refused with its name and value', async () => {
  const [event] = eventsOf(['m']);
  const load = (timestamp: number) => engine.load([{ ...event, timestamp } as typeof event & {}]);
  await expect(load(1.5)).rejects.toThrow(/timestamp .* got 1.5/);
  await expect(load(Number.NaN)).rejects.toThrow(/timestamp .* got NaN/);
});

test('a group that does not exist is an error with its name', async () => {
  const query = run(engine, 'fields @message', { logGroups: [group, 'nosuch'] });
  await expect(query).rejects.toThrow(UnknownLogGroupError);
  await expect(query).rejects.toMatchObject({ logGroup: 'nosuch' });
  await expect(engine.logStreams('nosuch')).rejects.toThrow(UnknownLogGroupError);
});

test('SOURCE names the groups, its START and END the range', async () => {
  const source = `SOURCE '${group}' | SOURCE "${other}" | stats count() by @log`;
  expect(await ask(engine, source, { logGroups: undefined })).toHaveLength(2);
  const bounded = `SOURCE "${group}" START=${startEpochMs + 1000} END=${startEpochMs + 1999} | fields @message`;
  expect(await ask(engine, bounded, { logGroups: undefined })).toEqual([{ '@message': 'two' }]);
});

test('a query without any log group is refused', async () => {
  const query = run(engine, 'fields @message', { logGroups: undefined });
  await expect(query).rejects.toThrow(/no log group/);
});

test("now() is the query's current time in seconds, and the range is in milliseconds", async () => {
  const query =
    'fields now() as n, queryStartTime() as s, queryEndTime() as e, queryTimeRange() as r | limit 1';
  const [row] = await ask(engine, `${query} | display n, s, e, r`, {
    nowEpochMs: startEpochMs + 9500,
    endEpochSeconds: startEpochSeconds + 9,
  });
  expect(row).toEqual({
    n: `${startEpochSeconds + 9}`,
    s: `${startEpochMs}`,
    e: `${startEpochMs + 9999}`,
    r: '9999',
  });
});

describe('limits', () => {
  test('a result has 10,000 rows unless the query or the caller says otherwise', async () => {
    const engine = await InsightsEngine.open();
    await engine.load(eventsOf(Array.from({ length: 10_002 }, (_, at) => `${at}`)));
    const count = async (query: string, limit?: number) =>
      (await run(engine, query, limit === undefined ? {} : { limit })).rows.length;
    expect(await count('fields @message')).toBe(10_000);
    expect(await count('fields @message | limit 10001')).toBe(10_001);
    expect(await count('fields @message', 3)).toBe(3);
    expect(await count('fields @message | limit 2', 3)).toBe(2);
    expect(await count('fields @message | limit 4', 3)).toBe(3);
    const cut = await run(engine, 'filter @message like /1/ | limit 5');
    expect(cut.statistics.recordsMatched).toBe(3441);
    engine.close();
  });

  test.each(['1.5', '-1', '100001', 'x'])('limit %s is refused', async (count) => {
    await expect(run(engine, `fields @message | limit ${count}`)).rejects.toMatchObject({
      name: 'QueryError',
    });
  });

  test('limit before stats limits the rows of stats', async () => {
    expect(await ask(engine, 'fields @message | limit 2 | stats count() as n')).toEqual([
      { n: '2' },
    ]);
  });
});

describe('statistics', () => {
  const statistics = async (query: string) =>
    (await run(engine, query, { logGroups: [group, other] })).statistics;

  test('events in range count as scanned, with the UTF-8 bytes of their messages', async () => {
    expect(await statistics('fields @message')).toEqual({
      recordsMatched: 4,
      recordsScanned: 4,
      bytesScanned: 'onetwothreegröße'.length + 2,
      logGroupsScanned: 2,
    });
  });

  test.each([
    ['fields @message', 4],
    ['filter @message like /o/', 2],
    ['filter @message like /o/ | limit 1', 2],
    ['filter @message like /o/ | limit 5', 2],
    ['filter @message like /o/ | limit 5 | limit 1', 2],
    ['filter @message like /o/ | limit 5 | filter @message = "one"', 2],
    ['filter @message like /o/ | limit 5 | sort @message | dedup @log', 2],
    ['filter @message like /o/ | stats count() by @message', 2],
    ['filter @message like /o/ | stats count() as n by @message | filter n > 5', 2],
    ['filter @message like /o/ | sort @timestamp | dedup @log | limit 1', 2],
    ['filter @message like /o/ | limit 1 | stats count()', 2],
    ['filter @message = "nothing"', 0],
    ['filter @message = "nothing" | stats count() by @log', 0],
    ['filter @message = "nothing" | stats count()', 0],
  ])('events that pass the filters count as matched: %s', async (query, matched) => {
    expect((await statistics(query)).recordsMatched).toBe(matched);
  });
});

test('groups and streams report what is stored', async () => {
  const engine = await InsightsEngine.open();
  await engine.createLogGroup('empty', 5);
  await engine.load([
    ...eventsOf(['b', 'cd']),
    { logGroup: group, logStream: 'alone', timestamp: startEpochMs - 7, message: 'é' },
  ]);
  expect(await engine.logGroups()).toEqual([
    { logGroup: group, createdEpochMs: startEpochMs - 7, storedBytes: 5 },
    { logGroup: 'empty', createdEpochMs: 5, storedBytes: 0 },
  ]);
  expect(await engine.logStreams(group)).toEqual([
    {
      logStream: 'alone',
      createdEpochMs: startEpochMs - 7,
      firstEventEpochMs: startEpochMs - 7,
      lastEventEpochMs: startEpochMs - 7,
      lastIngestionEpochMs: startEpochMs - 7,
      storedBytes: 2,
    },
    {
      logStream: 'stream',
      createdEpochMs: startEpochMs,
      firstEventEpochMs: startEpochMs,
      lastEventEpochMs: startEpochMs + 1000,
      lastIngestionEpochMs: startEpochMs + 1250,
      storedBytes: 3,
    },
  ]);
  expect(await engine.logStreams('empty')).toEqual([]);
  engine.close();
});

describe('events that are put', () => {
  const stored = (offset: number, message: string) => ({
    ...{ logGroup: group, logStream: 'stream', message },
    timestamp: startEpochMs + offset,
    ingestionTime: startEpochMs + offset + 5,
  });

  test('they do not make a group older, unlike loaded events', async () => {
    const engine = await engineWith([]);
    await engine.load([{ ...stored(0, 'x'), logGroup: 'loaded' }]);
    await engine.putEvents([{ ...stored(-10, 'x'), logGroup: 'loaded' }]);
    expect((await engine.logGroups())[1]?.createdEpochMs).toBe(startEpochMs);
    await engine.load([{ ...stored(-20, 'x'), logGroup: 'loaded' }]);
    expect((await engine.logGroups())[1]?.createdEpochMs).toBe(startEpochMs - 20);
    engine.close();
  });

  test('the recording ends where the loaded events end', async () => {
    const engine = await engineWith(['a']);
    const recorded = await engine.ingestionSpan();
    await engine.putEvents([stored(90_000, 'x')]);
    expect(await engine.ingestionSpan()).toEqual(recorded);
    engine.close();
    const empty = await engineWith([]);
    await empty.putEvents([stored(0, 'x')]);
    expect(await empty.ingestionSpan()).toBeUndefined();
    empty.close();
  });

  test('they count in the span of their ingestion, by UTF-8 bytes', async () => {
    const engine = await engineWith([]);
    await engine.putEvents([stored(0, 'né'), stored(10, 'x')]);
    const bytes = (from: number, to: number) =>
      engine.bytesIngested(group, {
        startEpochMs: startEpochMs + from,
        endEpochMs: startEpochMs + to,
      });
    expect(await bytes(0, 5)).toBe(0);
    expect(await bytes(5, 15)).toBe(3);
    expect(await bytes(5, 16)).toBe(4);
    engine.close();
  });

  test('an event is not read before its ingestion', async () => {
    const engine = await engineWith([]);
    await engine.putEvents([stored(0, 'x')]);
    const read = async (offset: number) => {
      const { events } = await engine.readEvents({
        ...{ logGroup: group, firstEpochMs: 0, lastEpochMs: startEpochMs, descending: false },
        ...{ maxEvents: 10, maxBytes: 10, nowEpochMs: startEpochMs + offset },
      });
      return events.length;
    };
    expect(await read(4)).toBe(0);
    expect(await read(5)).toBe(1);
    engine.close();
  });

  test('a deleted group is unknown, and empty when created again', async () => {
    const engine = await engineWith(['a']);
    await engine.deleteLogGroup(group);
    await expect(run(engine, 'fields @message')).rejects.toThrow(UnknownLogGroupError);
    await expect(engine.deleteLogGroup(group)).rejects.toThrow(UnknownLogGroupError);
    await expect(engine.createLogStream(group, 's', 0)).rejects.toThrow(UnknownLogGroupError);
    await engine.createLogGroup(group, 0);
    expect(await engine.hasLogStream(group, 'stream')).toBe(false);
    expect(await ask(engine, 'fields @message')).toEqual([]);
    engine.close();
  });
});
