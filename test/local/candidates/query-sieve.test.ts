import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { QuerySieve } from '../../../local/candidates/query-sieve.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { ForeseenRange } from '../../../local/insights-engine/needed-events.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { type LogReading, readLogs } from '../../../local/log-readers/read-logs.ts';
import { LogReadError } from '../../../local/log-readers/report/read-report.ts';
import { mutatedBytes } from '../../fuzz/text-mutator.ts';
import { SeededRandom } from '../../simulation/seeded-random.ts';

const work = mkdtempSync(join(tmpdir(), 'query-sieve-'));
afterAll(() => rmSync(work, { recursive: true }));
const file = join(work, 'events.ndjson');

const startEpochMs = Date.UTC(2026, 10, 22, 5, 50);
const nowEpochMs = Date.UTC(2027, 0, 1);
const everything: ForeseenRange = {
  firstEpochMs: 0,
  lastEpochMs: Number.POSITIVE_INFINITY,
  isExact: true,
};

async function* counted(reading: LogReading, passed: { batches: number }, sieve?: QuerySieve) {
  for await (const events of reading.batches(sieve)) {
    passed.batches += events.length;
    yield events;
  }
}

/**
 * What a query over a file gives, and what the reader reports of the file.
 *
 * @param range foreseen when the file is read
 * @param fromEpochMs where the query begins
 */
async function answer(text: string, range: ForeseenRange, fromEpochMs: number, isSifted: boolean) {
  const reading = readLogs(file, { nowEpochMs });
  const engine = isSifted ? await InsightsEngine.openFor(text, range) : await InsightsEngine.open();
  const passed = { batches: 0 };
  try {
    const sieve = engine.needed && new QuerySieve(engine.needed);
    await engine.loadBatches(counted(reading, passed, sieve));
    const logGroups = (await engine.logGroups()).map(({ logGroup }) => logGroup);
    const { rows, statistics } = await engine.run({
      ...{ queryString: text, logGroups, nowEpochMs: Number.MAX_SAFE_INTEGER },
      startEpochSeconds: Math.floor(fromEpochMs / 1000),
      endEpochSeconds: Math.floor(Math.min(range.lastEpochMs, Date.UTC(2099, 11, 31)) / 1000),
    });
    const { events, badLineCount, doubtCount, isComplete } = reading.report;
    return { rows, statistics, report: { events, badLineCount, doubtCount, isComplete }, passed };
  } catch (error) {
    if (!(error instanceof LogReadError)) throw error;
    return { refused: error.message, passed };
  } finally {
    engine.close();
  }
}

async function expectSame(
  text: string,
  range: ForeseenRange = everything,
  fromEpochMs = range.firstEpochMs,
): Promise<number> {
  const { passed: all, ...expected } = await answer(text, range, fromEpochMs, false);
  const { passed: some, ...given } = await answer(text, range, fromEpochMs, true);
  expect({ text, ...given }).toEqual({ text, ...expected });
  return all.batches - some.batches;
}

const queries = [
  'filter @message like "add-role" | stats count() by @log',
  'filter @message like "quote \\" and \\\\" | fields @message, @ptr',
  'filter @message like "a\\nline\\tand" | fields @message, @logStream, @ingestionTime',
  'filter @message like "größe" or @message like "🤦" | fields @message',
  'filter @message like /(?i)grant|users? +(create|delete)/ | stats count() by @log, @logStream',
  'filter @message like "\ufffd" | fields @message',
  'filter @log like /Task/ and @message like "role" | sort @timestamp | limit 5',
  'stats count(), min(@timestamp), max(@ingestionTime) by @log',
  'fields @timestamp, @log, @ptr | limit 20',
  'fields @ingestionTime, @ptr | sort @timestamp | limit 20',
  "SOURCE 'airflow-Demo-Task' | filter @message like 'INFO' | stats count()",
];

/** Ways to write `add-role`, `größe` and their like in JSON, and lines that are none. */
const written = [
  ...['add-role', '\\u0061dd-role', 'add\\u002Drole', 'add\\/role add-role', 'quote \\" and \\\\'],
  ...[
    'a\\nline\\tand',
    'a\\u000aline\\u0009and',
    'größe',
    'gr\\u00f6\\u00DFe',
    '🤦',
    '\\ud83e\\udd26',
  ],
  ...['\\ud83e', '\\ufffd', 'x\\udd26', 'raw\ttab add-role', 'open \\', '\\x61', '\\u00g0', ''],
];

function lines(): string[] {
  return written.flatMap((message, at) => {
    const group = `airflow-Demo-${at % 2 === 0 ? 'Task' : 'Worker'}`;
    const timestamp = startEpochMs + at * 700;
    const stream = `dag_id=${at % 3}`;
    return [
      `{"logGroup":"${group}","logStream":"${stream}","timestamp":${timestamp},"message":"${message}"}`,
      `{"logGroup":"${group}","logStream":"${stream}","timestamp":${timestamp},"ingestionTime":${timestamp + 40},"message":"${message} grant"}\r`,
      `{"message": "${message}", "timestamp": ${timestamp}, "logStream": "${stream}", "logGroup": "${group}"}`,
      `{"eventId":"e${at}","timestamp":${timestamp},"message":"${message} users create","logStreamName":"${stream}","ingestionTime":${timestamp}}`,
      ...(at % 5 === 0 ? ['', '{broken', `{"logGroup":"${group}"}`, `${timestamp}`] : []),
    ];
  });
}

test.each(queries)('lines passed over by their bytes change no answer: %s', async (query) => {
  // A file's first lines show its form, and are read.
  const beginning = [...lines(), ...lines(), ...lines()];
  writeFileSync(file, [...beginning, ...lines(), ...lines(), ...lines()].join('\n'));
  await expectSame(query);
  const middle = Math.floor((startEpochMs + 5000) / 1000) * 1000;
  await expectSame(query, { ...everything, firstEpochMs: middle, lastEpochMs: middle + 1999 });
});

test('events before a beginning that is known only after the last event are not scanned', async () => {
  const place = { logGroup: 'airflow-Demo-Task', logStream: 's', message: 'no text' };
  const events = Array.from({ length: 500 }, (_, second) => {
    return JSON.stringify({ ...place, timestamp: startEpochMs + second * 1000 });
  });
  writeFileSync(file, events.join('\n'));
  const query = 'filter @message like "add-role" | fields @message';
  const kept = await expectSame(query, { ...everything, isExact: false }, startEpochMs + 400_000);
  expect(kept).toBeGreaterThan(300);
});

test('most lines of a query for one text are not read', async () => {
  writeFileSync(file, gunzipSync(readFileSync('local/demo/sessions/airflow-2.10.3.ndjson.gz')));
  expect(await expectSame('filter @message like "add-role" | fields @message')).toBeGreaterThan(
    2000,
  );
});

test('broken bytes are reported, and change no answer', async () => {
  const session = gunzipSync(readFileSync('local/demo/sessions/airflow-3.0.6.ndjson.gz'));
  const random = new SeededRandom('broken bytes');
  for (let run = 0; run < 30; run += 1) {
    const from = session.indexOf(10, random.int(0, session.length - 60_000)) + 1;
    const text = Buffer.concat([
      session.subarray(from, from + 50_000),
      Buffer.from(`\n${lines().join('\n')}\n`),
    ]);
    writeFileSync(file, mutatedBytes(text, random));
    await expectSame(random.pick(queries));
  }
});

test('the times of events that are not read are known', async () => {
  const place = { logGroup: 'airflow-Demo-Task', logStream: 's' };
  const event = (second: number, message: string): LogEvent => ({
    ...{ ...place, timestamp: startEpochMs + second * 1000, message },
    ingestionTime: startEpochMs + second * 1000 + 300,
  });
  const events = Array.from({ length: 200 }, (_, at) => event(at, at === 60 ? 'wanted' : 'other'));
  writeFileSync(file, events.map((one) => JSON.stringify(one)).join('\n'));
  const engine = await InsightsEngine.openFor('filter @message like "wanted"', everything);
  const needed = engine.needed;
  if (needed === undefined) throw new Error('an engine for one query knows what it needs');
  await engine.loadBatches(readLogs(file).batches(new QuerySieve(needed)));
  const [[logGroup, times] = []] = needed.unread;
  expect({ logGroup, ...times }).toEqual({
    logGroup: 'airflow-Demo-Task',
    firstEpochMs: expect.any(Number),
    lastEpochMs: startEpochMs + 198_000,
    lastIngestionEpochMs: startEpochMs + 198_300,
  });
  expect(times?.firstEpochMs).toBeGreaterThanOrEqual(startEpochMs);
  engine.close();
});
