import fc from 'fast-check';
import { foreseenRange, timeRange } from '../../../cli/common/time-options.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { EngineQuery } from '../../../local/insights-engine/engine-types.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { group, startEpochMs } from './ask.ts';
import { anyFilter, anyMessage } from './filter-texts.ts';
import { queryTexts } from './query-texts.ts';

/** A range to read, as the command line takes it. */
interface Asked {
  readonly from?: number;
  readonly to?: number;
  readonly last?: number;
}

async function* inBatches(events: readonly LogEvent[]): AsyncGenerator<readonly LogEvent[]> {
  for (let at = 0; at < events.length; at += 700) yield events.slice(at, at + 700);
}

async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof QueryError) return error.message;
    throw error;
  }
}

/** The answers of an engine with all events and of one that keeps what the query needs. */
async function bothAnswers(
  full: InsightsEngine,
  events: readonly LogEvent[],
  queryString: string,
  asked: Asked,
) {
  const logGroups = (await full.logGroups()).map(({ logGroup }) => logGroup);
  const times = events.map(({ timestamp }) => timestamp);
  const span = { firstEventEpochMs: Math.min(...times), lastEventEpochMs: Math.max(...times) };
  const query: EngineQuery = {
    ...{ queryString, charactersMax: queryString.length, logGroups },
    ...timeRange(asked, span),
    nowEpochMs: Math.max(...events.map(({ ingestionTime = 0 }) => ingestionTime), Date.UTC(2027)),
  };
  const expected = await outcome(() => full.run(query));
  const given = await outcome(async () => {
    const engine = await InsightsEngine.openFor(queryString, foreseenRange(asked));
    try {
      await engine.loadBatches(inBatches(events));
      return await engine.run(query);
    } finally {
      engine.close();
    }
  });
  return { given, expected };
}

const detectionTexts = loadDetections().map(({ query }) => query);

test.each([
  ['2.10.3', 0],
  ['3.0.6', 1],
])(
  'an engine for one query answers as one with all events of the session of Airflow %s',
  async (version, half) => {
    const events: LogEvent[] = [];
    for await (const event of readLogs(`local/demo/sessions/airflow-${version}.ndjson.gz`)) {
      events.push(event);
    }
    const full = await InsightsEngine.open();
    await full.load(events);
    const middle = events[Math.floor(events.length / 2)]?.timestamp ?? 0;
    const ranges: readonly Asked[] = [
      {},
      { from: middle },
      { last: 90_000 },
      { from: middle - 60_000, to: middle },
      { to: middle, last: 30_000 },
      { to: middle },
    ];
    const texts = [...queryTexts, ...detectionTexts].filter((_, at) => at % 2 === half);
    for (const [at, text] of texts.entries()) {
      const asked = ranges[at % ranges.length] ?? {};
      const { given, expected } = await bothAnswers(full, events, text, asked);
      expect({ text, asked, answer: given }).toEqual({ text, asked, answer: expected });
    }
    full.close();
  },
);

const anyEvent = fc
  .record({
    logGroup: fc.constantFrom(group, 'airflow-Test-Worker', 'other'),
    offsetMs: fc.nat(5000),
    lagMs: fc.option(fc.nat(3000), { nil: undefined }),
    message: fc.oneof(anyMessage, fc.constant('\ud800x'), fc.constant('add-role')),
  })
  .map(({ logGroup, offsetMs, lagMs, message }): LogEvent => {
    const timestamp = startEpochMs + offsetMs;
    const place = { logGroup, logStream: `s${offsetMs % 3}`, timestamp, message };
    return lagMs === undefined ? place : { ...place, ingestionTime: timestamp + lagMs };
  });
const anyRange = fc.oneof(
  fc.record({ from: fc.nat(5000), to: fc.nat(5000) }).map(({ from, to }) => ({
    from: startEpochMs + Math.min(from, to),
    to: startEpochMs + Math.max(from, to),
  })),
  fc.record({ last: fc.integer({ min: 1, max: 4000 }) }),
  fc.record({ to: fc.nat(5000).map((ms) => startEpochMs + ms) }),
  fc.constant({}),
);
const anyTail = fc.constantFrom(
  ...['stats count() by @log', 'fields @message, @logStream', 'fields @ingestionTime | limit 2'],
  ...[
    'stats count(@message), max(@ingestionTime)',
    'dedup @logStream',
    'limit 3 | filter @log like "T"',
  ],
);

test('whatever the events, the range and the filters are, it answers as one with all events', async () => {
  const texts = fc
    .tuple(
      fc.constantFrom('', `SOURCE '${group}' | `),
      fc.array(anyFilter, { maxLength: 2 }),
      anyTail,
    )
    .map(([source, filters, tail]) => {
      return `${source}${filters.map((one) => `filter ${one} | `).join('')}${tail}`;
    });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEvent, { minLength: 5, maxLength: 40 }),
      anyRange,
      fc.array(texts, { minLength: 3, maxLength: 3 }),
      async (some, asked, queries) => {
        const events = [...some, { ...some[0], logGroup: group } as LogEvent];
        const full = await InsightsEngine.open();
        await full.load(events);
        for (const text of queries) {
          const { given, expected } = await bothAnswers(full, events, text, asked);
          expect(given).toEqual(expected);
        }
        full.close();
      },
    ),
    { numRuns: 15 },
  );
});

test('an engine for one query answers no other, and no range that was not foreseen', async () => {
  const range = { firstEpochMs: startEpochMs, lastEpochMs: startEpochMs + 1999, isExact: true };
  const engine = await InsightsEngine.openFor('filter @message like "a" | limit 1', range);
  const place = { logGroup: group, logStream: 's', timestamp: startEpochMs };
  await engine.loadBatches(inBatches([{ ...place, message: 'b' }]));
  const startEpochSeconds = startEpochMs / 1000;
  const asked = {
    ...{ queryString: 'filter @message like "a" | limit 1', logGroups: [group] },
    ...{ startEpochSeconds, endEpochSeconds: startEpochSeconds + 1 },
    nowEpochMs: startEpochMs + 9000,
  };
  await expect(engine.run({ ...asked, queryString: 'limit 1' })).rejects.toThrow('another query');
  await expect(engine.run({ ...asked, startEpochSeconds: startEpochSeconds - 1 })).rejects.toThrow(
    'the events were read for',
  );
  await expect(engine.run({ ...asked, nowEpochMs: startEpochMs - 1 })).rejects.toThrow('as of');
  expect((await engine.run(asked)).statistics).toMatchObject({
    recordsScanned: 1,
    bytesScanned: 1,
  });
  engine.close();
});
