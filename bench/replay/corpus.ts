import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { Verdicts } from '../../lambda/scan/pack-rows.ts';
import { type LogEvent, logOf } from '../../local/log-event.ts';

/** Lines of a detection in a whole corpus, however large: real logs hold few. */
const plantedLines = 37;

/** Share of a start-up's lines among all: an environment starts its web server now and then. */
const startUpShare = 0.01;

/** A generator of the same numbers each time: mulberry32. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Pools {
  readonly ordinary: readonly LogEvent[];
  readonly startUp: readonly LogEvent[];
  readonly claimed: readonly LogEvent[];
}

/** The lines of the recorded sessions: those that no detection claims, start-ups apart, and the others. */
function poolsOf(candidates: readonly Candidate[]): Pools {
  const verdicts = new Verdicts(candidates);
  const pools = {
    ordinary: [] as LogEvent[],
    startUp: [] as LogEvent[],
    claimed: [] as LogEvent[],
  };
  for (const version of ['2.10.3', '3.0.6']) {
    const file = new URL(`../../local/demo/sessions/airflow-${version}.ndjson.gz`, import.meta.url);
    for (const line of gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n')) {
      const event: LogEvent = JSON.parse(line);
      const { detections } = verdicts.decide({ ...event, log: logOf(event.logGroup) });
      const isStartUp = /Added Permission|Created Permission|Inserted Role|\*{4}/.test(
        event.message,
      );
      const pool = detections.length > 0 ? 'claimed' : isStartUp ? 'startUp' : 'ordinary';
      pools[pool].push(event);
    }
  }
  return pools;
}

const filesPerCorpus = logTypes.length;

/**
 * Writes NDJSON of about a number of bytes into a folder, one file for each log type, the same bytes each
 * time. The lines are those of the recorded sessions; a handful of them belongs to a detection.
 */
export async function makeCorpus(folder: string, bytes: number, candidates: readonly Candidate[]) {
  if (existsSync(folder)) return;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const pools = poolsOf(candidates);
  for (const [at, logType] of logTypes.entries()) {
    const of = (pool: readonly LogEvent[]) =>
      pool.filter(({ logGroup }) => logGroup.endsWith(logType));
    const ordinary = of(pools.ordinary);
    const startUp = of(pools.startUp);
    const claimed = of(pools.claimed);
    const random = numbersFrom(at + 1);
    const file = createWriteStream(join(partial, `${logType}.ndjson`));
    const goal = bytes / filesPerCorpus;
    let written = 0;
    let planted = 0;
    let timestamp = Date.UTC(2026, 10, 1);
    let chunk = '';
    while (written < goal) {
      const isDue =
        claimed.length > 0 && planted < (written / goal) * (plantedLines / filesPerCorpus);
      if (isDue) planted += 1;
      const pool = isDue
        ? claimed
        : startUp.length > 0 && random() < startUpShare
          ? startUp
          : ordinary;
      const event = pool[Math.floor(random() * pool.length)];
      if (event === undefined) break;
      timestamp += Math.floor(random() * 1000);
      const line = `${JSON.stringify({
        logGroup: event.logGroup,
        logStream: event.logStream,
        timestamp,
        ingestionTime: timestamp + Math.floor(random() * 3000),
        message: event.message,
      })}\n`;
      chunk += line;
      written += Buffer.byteLength(line);
      if (chunk.length > 1 << 20) {
        if (!file.write(chunk)) await once(file, 'drain');
        chunk = '';
      }
    }
    file.end(chunk);
    await once(file, 'finish');
  }
  renameSync(partial, folder);
}
