import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeCorpus } from '../../../bench/replay/corpus.ts';
import { detectionsById } from '../../../lambda/plan/detections-by-id.ts';
import { sessionGroups } from '../../../local/demo/session/session.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import { judgeLogs } from '../../../local/log-threads/judge-logs.ts';
import { MatchedEvents } from '../../../local/replay/matched-events.ts';
import { findingsOf } from '../../../local/replay/replay-files.ts';
import { replayLogs } from '../../../local/replay/replay-logs.ts';
import { sessionVersions } from '../../fixtures/sessions/labelled-session.ts';
import { sessionReplay } from './session-replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'replay-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { plan, options: sessionOptions } = sessionReplay('2.10.3');
const nowEpochMs = Date.UTC(2027, 0, 1);

interface Reading {
  readonly threads?: number;
  readonly partBytes?: number;
}

/** What `replay` finds in a path, read as a stream. */
async function streamed(path: string, reading: Reading = {}) {
  const matched = new MatchedEvents({ detections: detectionsById(plan) });
  const logs = await judgeLogs({
    ...{ path, candidates: plan.candidates, reading: { nowEpochMs }, counted: {} },
    onMatched: (judged, order) => matched.add(judged, order),
    ...reading,
  });
  const { mwaaEnvironment, logGroups, unknownTypeGroup } = sessionGroups(logs.logGroups);
  const range = {
    startEpochMs: Math.floor(logs.firstEventEpochMs / 1000) * 1000,
    endEpochMs: Math.floor(logs.lastEventEpochMs / 1000) * 1000 + 1000,
  };
  const settings = { ...sessionOptions.settings, environment: mwaaEnvironment };
  const { region } = sessionOptions;
  const found = findingsOf(matched, { plan, settings, region, range, nowEpochMs });
  const groups = logGroups.map(({ logGroup }) => logGroup);
  return {
    ...{ found, report: logs.report.list(), range, settings, logGroups: groups, unknownTypeGroup },
    events: matched.within(range),
    counts: logs.counts.within(range, groups),
  };
}

/** What the engine finds in the same path. */
async function queried(
  path: string,
  { range, settings, logGroups, unknownTypeGroup }: Awaited<ReturnType<typeof streamed>>,
) {
  const engine = await InsightsEngine.open();
  try {
    const reading = readLogs(path, { nowEpochMs });
    await engine.load(reading);
    const found = await replayLogs(engine, {
      ...{ plan, settings, region: sessionOptions.region, logGroups, range, nowEpochMs },
      ...(unknownTypeGroup !== undefined && { unknownTypeGroup }),
      sliceMs: range.endEpochMs - range.startEpochMs,
    });
    if (logGroups.length === 0) return { found, report: reading.report, counts: [] };
    const { rows } = await engine.run({
      queryString:
        'fields @message like "add-role" as hasText | stats count(*) as events, sum(hasText) as matches by @log',
      ...{ logGroups, nowEpochMs },
      startEpochSeconds: range.startEpochMs / 1000,
      endEpochSeconds: range.endEpochMs / 1000 - 1,
    });
    const counts = rows.map((row) => {
      const cell = (name: string) => row.find(({ field }) => field === name)?.value ?? '';
      return {
        logGroup: cell('@log').replace(/^\d+:/, ''),
        events: Number(cell('events')),
        eventsWithAddRole: Number(cell('matches')),
      };
    });
    return { found, report: reading.report, counts };
  } finally {
    engine.close();
  }
}

async function expectSame(path: string, reading?: Reading) {
  const fast = await streamed(path, reading);
  const slow = await queried(path, fast);
  expect(fast.found.findings).toEqual(slow.found.findings);
  expect(fast.found.matchedEvents).toBe(slow.found.matchedEvents);
  expect(fast.found.unreadable).toEqual([]);
  expect(fast.report.events).toBe(slow.report.events);
  const counted = fast.counts.map(({ bars: _, ...count }) => count);
  const byName = (a: { readonly logGroup: string }, b: { readonly logGroup: string }) =>
    a.logGroup < b.logGroup ? -1 : 1;
  expect(counted.filter(({ events }) => events > 0).toSorted(byName)).toEqual(
    slow.counts.toSorted(byName),
  );
  return fast;
}

const linesOf = (events: readonly LogEvent[]) =>
  `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe.each(sessionVersions)('the recorded session of Airflow %s', (version) => {
  const { session } = sessionReplay(version);
  const file = write(`${version}/events.ndjson`, linesOf(session.events));

  test('gives the findings of the engine, ids included', async () => {
    const { found } = await expectSame(file);
    expect(found.findings.length).toBeGreaterThan(80);
  });

  test('gives them in parts that several threads read', async () => {
    const { found, report, events } = await streamed(file);
    const parted = await streamed(file, { threads: 2, partBytes: 300_000 });
    expect(parted.found).toEqual(found);
    expect(parted.report).toEqual(report);
    expect(parted.events).toEqual(events);
  });

  test('gives them as gzip, and as answers of CloudWatch without log groups', async () => {
    await expectSame(write(`${version}/packed/events.gz`, gzipSync(linesOf(session.events))));
    const groups = Map.groupBy(session.events, ({ logGroup }) => logGroup);
    for (const [logGroup, events] of groups) {
      const answers = events.map(({ logStream, timestamp, message }) => ({
        logStreamName: logStream,
        timestamp,
        message,
      }));
      write(
        `${version}/answers/${logGroup}/a.json`,
        `${answers.map((one) => JSON.stringify(one)).join('\n')}\n`,
      );
    }
    const { found } = await expectSame(join(folder, version, 'answers'));
    expect(found.findings.length).toBeGreaterThan(80);
  });

  test('gives what is in lines of unknown type', async () => {
    const unknown = session.events.map((event) => ({ ...event, logGroup: 'airflow-Prod-Unknown' }));
    await expectSame(write(`${version}/unknown/events.ndjson`, linesOf(unknown)));
  });
});

test('a generated corpus of several files gives the findings of the engine', async () => {
  const corpus = join(folder, 'corpus');
  await makeCorpus(corpus, 3_000_000, plan.candidates);
  const { found } = await expectSame(corpus);
  expect(found.findings.length).toBeGreaterThan(5);
  expect((await streamed(corpus, { threads: 3, partBytes: 100_000 })).found).toEqual(found);
});

test('identical events are one with a number of occurrences, wherever they are', async () => {
  const [event] = sessionReplay('2.10.3').session.events.filter(({ message }) =>
    message.includes('added to role'),
  );
  if (event === undefined) throw new Error('the session has no such line');
  const once = linesOf([event]);
  write('twice/a.ndjson', once + once);
  write('twice/b.ndjson', once);
  const { events } = await expectSame(join(folder, 'twice'));
  expect(events.map(({ occurrences }) => occurrences)).toEqual([3]);
});

test('a file with a broken line in one of its parts is reported as if it was read in one', async () => {
  const { session } = sessionReplay('2.10.3');
  const lines = linesOf(session.events).split('\n');
  lines[9000] = '{"logGroup": "airflow-Prod-Task", "logStream"';
  lines[9500] = '{"events": [';
  const file = write('broken/events.ndjson', lines.join('\n'));
  const whole = await streamed(file);
  const parted = await streamed(file, { threads: 2, partBytes: 200_000 });
  expect(whole.report.bad.first.map(({ line }) => line)).toContain(9001);
  expect(parted.report).toEqual(whole.report);
  expect(parted.found).toEqual(whole.found);
});
