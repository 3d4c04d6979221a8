import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { QuerySieve } from '../../../local/candidates/query-sieve.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { ForeseenRange, NeededEvents } from '../../../local/insights-engine/needed-events.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import { LogReadError } from '../../../local/log-readers/report/read-report.ts';
import { ReportBuilder } from '../../../local/log-readers/report/report-builder.ts';
import { eventsOf, readNeeded } from '../../../local/log-threads/read-needed.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-needed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const nowEpochMs = Date.UTC(2027, 0, 1);
/** More than any query here keeps. */
const keptBytesMax = 1e9;
const everything: ForeseenRange = { firstEpochMs: 0, lastEpochMs: Infinity, isExact: true };
const session = (name: string) =>
  gunzipSync(readFileSync(`local/demo/sessions/airflow-${name}.ndjson.gz`)).toString();
const [older, newer] = [session('2.10.3'), session('3.0.6')];
const timesOf = (text: string) =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).timestamp as number]));
const times = timesOf(older).toSorted((a, b) => a - b);
const middle = Math.floor((times[Math.floor(times.length / 2)] ?? 0) / 1000) * 1000;

/** Logs of a name, with these files. */
function logsOf(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const lines = older.split('\n');
const withBrokenLine = [...lines.slice(0, 900), '{"logGroup":', ...lines.slice(900)].join('\n');
const logs = {
  whole: logsOf('whole', { 'a.ndjson': older, 'b.ndjson.gz': gzipSync(newer), 'c.ndjson': newer }),
  broken: logsOf('broken', { 'a.ndjson': withBrokenLine, 'b.ndjson': newer }),
  half: logsOf('half', { 'a.ndjson': older, 'b.ndjson.gz': gzipSync(newer).subarray(0, 30_000) }),
};

type Load = (engine: InsightsEngine, needed: NeededEvents) => Promise<ReportBuilder>;

const inOneThread =
  (path: string): Load =>
  async (engine, needed) => {
    const reading = readLogs(path, { nowEpochMs });
    await engine.loadBatches(reading.batches(new QuerySieve(needed)));
    return reading.report as ReportBuilder;
  };

const inThreads =
  (path: string, partBytes: number, threads = 2): Load =>
  async (engine, needed) => {
    let report = new ReportBuilder();
    const { needs } = needed;
    const files = await readNeeded(
      { path, needs, reading: { nowEpochMs }, threads, partBytes, keptBytesMax },
      (all) => {
        report = all;
      },
    );
    if (files === undefined) throw new Error('the query needs few events');
    await engine.loadBatches(eventsOf(files, needed));
    return report;
  };

/** All that a query over logs gives. */
async function answer(text: string, range: ForeseenRange, fromEpochMs: number, load: Load) {
  const engine = await InsightsEngine.openFor(text, range);
  try {
    const { needed } = engine;
    if (needed === undefined) throw new Error('an engine for one query knows what it needs');
    const report = await load(engine, needed);
    const logGroups = await engine.logGroups();
    const result = await engine.run({
      ...{ queryString: text, logGroups: logGroups.map(({ logGroup }) => logGroup) },
      nowEpochMs: Number.MAX_SAFE_INTEGER,
      startEpochSeconds: Math.floor(fromEpochMs / 1000),
      endEpochSeconds: Math.floor(Math.min(range.lastEpochMs, Date.UTC(2099, 11, 31)) / 1000),
    });
    return { result, logGroups, report: report.list() };
  } finally {
    engine.close();
  }
}

const queries = [
  'filter @message like "add-role" | stats count() by @log',
  'fields @timestamp, @message, @logStream, @ptr | filter @message like /role|user/ | limit 50',
  'filter @message like "airflow" | sort @timestamp desc | limit 20',
  "SOURCE 'airflow-Prod-Task' | filter @message like 'role' | stats count(), min(@timestamp)",
  'filter @message like "found in no line" | fields @message',
];

describe.each(Object.entries(logs))('of logs that are %s', (_, path) => {
  test.each(queries)('several threads find what one finds: %s', async (query) => {
    const ranges: (readonly [ForeseenRange, number])[] = [
      [everything, 0],
      [{ firstEpochMs: middle, lastEpochMs: middle + 59_999, isExact: true }, middle],
      // With `--last`, the beginning is known only after the last event.
      [{ ...everything, isExact: false }, middle],
    ];
    for (const [range, from] of ranges) {
      const expected = await answer(query, range, from, inOneThread(path));
      expect(await answer(query, range, from, inThreads(path, 100_000))).toEqual(expected);
    }
  });
});

test('a query that needs too much is read in one thread, whatever a file or all of them have', async () => {
  const engine = await InsightsEngine.openFor('filter @message like "a"', everything);
  const needs = engine.needed?.needs;
  engine.close();
  if (needs === undefined) throw new Error('an engine for one query knows what it needs');
  const read = (path: string, keptBytesMax: number, partBytes: number) =>
    readNeeded({ path, needs, reading: { nowEpochMs }, threads: 2, partBytes, keptBytesMax });
  expect(await read(logs.whole, 20_000, 1e9)).toBeUndefined();
  expect(await read(logs.whole, 200_000, 50_000)).toBeUndefined();
  expect(await read(logs.whole, 1e9, 50_000)).toHaveLength(3);
});

test('a query that needs all events is read in one thread', async () => {
  const engine = await InsightsEngine.openFor('stats count() by @log', everything);
  const needs = engine.needed?.needs;
  engine.close();
  if (needs === undefined) throw new Error('an engine for one query knows what it needs');
  const read = await readNeeded({ path: logs.whole, needs, reading: { nowEpochMs }, threads: 2 });
  expect(read).toBeUndefined();
});

test('logs that cannot be read are an error, with a report of what was tried', async () => {
  const { needed } = await InsightsEngine.openFor('filter @message like "a"', everything);
  if (needed === undefined) throw new Error('an engine for one query knows what it needs');
  const empty = logsOf('empty', { 'a.ndjson': '' });
  const reports: ReportBuilder[] = [];
  const read = readNeeded({ path: empty, needs: needed.needs, reading: {} }, (report) =>
    reports.push(report),
  );
  await expect(read).rejects.toThrow(LogReadError);
  expect(reports.map(({ skipped }) => skipped.length)).toEqual([1]);
});

test('events are given in the order of the logs, whichever thread was first', async () => {
  const engine = await InsightsEngine.openFor('filter @message like "role"', everything);
  const { needed } = engine;
  if (needed === undefined) throw new Error('an engine for one query knows what it needs');
  const { needs } = needed;
  const one: LogEvent[] = [];
  for await (const events of readLogs(logs.whole, { nowEpochMs }).batches())
    one.push(...events.filter((event) => event.message.includes('role')));
  const files = await readNeeded({
    ...{ path: logs.whole, needs, reading: { nowEpochMs }, threads: 2, partBytes: 50_000 },
    keptBytesMax,
  });
  const several: LogEvent[] = [];
  for await (const events of eventsOf(files ?? [], needed)) several.push(...events);
  engine.close();
  expect(several).toEqual(one);
});
