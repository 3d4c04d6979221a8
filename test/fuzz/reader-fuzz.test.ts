import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { LogEvent } from '../../local/log-event.ts';
import { readLogs } from '../../local/log-readers/read-logs.ts';
import { LogReadError, type ReadReport } from '../../local/log-readers/report/read-report.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { mutatedBytes } from './text-mutator.ts';

const work = mkdtempSync(join(tmpdir(), 'reader-fuzz-'));
afterAll(() => rmSync(work, { recursive: true }));

const recorded = gunzipSync(readFileSync('local/demo/sessions/airflow-2.10.3.ndjson.gz'))
  .toString('utf8')
  .trimEnd()
  .split('\n');
/** Task logs as Airflow writes them: the messages of the session. */
const taskLines = recorded
  .filter((line) => line.includes('-Task"'))
  .flatMap((line) => (JSON.parse(line) as LogEvent).message.split('\n'))
  .filter((line) => /^\[\d{4}-/.test(line));

interface Reading {
  readonly events: readonly LogEvent[];
  readonly report: ReadReport;
}

/** @returns undefined for a file that is refused */
async function read(path: string): Promise<Reading | undefined> {
  const reading = readLogs(path);
  const events: LogEvent[] = [];
  try {
    for await (const event of reading) events.push(event);
  } catch (error) {
    if (!(error instanceof LogReadError)) throw error;
    return undefined;
  }
  return { events, report: reading.report };
}

function slice(lines: readonly string[], random: SeededRandom): readonly string[] {
  const from = random.int(0, lines.length - 1);
  return lines.slice(from, from + random.int(1, 150));
}

/** The lines of a broken file that are lines of the whole one. */
function intactLines(bytes: Uint8Array, whole: ReadonlySet<string>): readonly string[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => whole.has(line));
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(work, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

test('an event on a line of its own is read, or what was not read is reported, whatever broke around it', async () => {
  const random = new SeededRandom('events');
  const counts = { read: 0, refused: 0 };
  for (let run = 0; run < 400; run += 1) {
    const lines = slice(recorded, random);
    const broken = mutatedBytes(Buffer.from(`${lines.join('\n')}\n`), random);
    const reading = await read(write('events.ndjson', broken));
    if (reading === undefined) {
      counts.refused += 1;
      continue;
    }
    counts.read += 1;
    if (!reading.report.isComplete) continue;
    const found = new Set(reading.events.map((event) => JSON.stringify(event)));
    const lost = intactLines(broken, new Set(lines)).filter((line) => {
      return !found.has(JSON.stringify(JSON.parse(line)));
    });
    expect({ run, lost }).toEqual({ run, lost: [] });
  }
  expect(counts.read).toBeGreaterThan(300);
});

test('a stamped line of a task log is in an event, or what was not read is reported', async () => {
  const random = new SeededRandom('task log');
  for (let run = 0; run < 300; run += 1) {
    const lines = slice(taskLines, random);
    const broken = mutatedBytes(Buffer.from(`${lines.join('\n')}\n`), random);
    const name = 'dag_id=a/run_id=manual__2026-11-22T05:50:00+00:00/task_id=t/attempt=1.log';
    const reading = await read(write(`logs/${name}`, broken));
    if (reading === undefined || !reading.report.isComplete) continue;
    const found = new Set(reading.events.flatMap(({ message }) => message.split('\n')));
    const lost = intactLines(broken, new Set(lines)).filter((line) => !found.has(line));
    expect({ run, lost }).toEqual({ run, lost: [] });
  }
});

test('packed data that is broken is reported, and nothing that was written before it is lost in silence', async () => {
  const random = new SeededRandom('packed');
  for (let run = 0; run < 150; run += 1) {
    const lines = slice(recorded, random);
    const whole = gzipSync(`${lines.join('\n')}\n`);
    const broken = mutatedBytes(whole, random);
    const reading = await read(write('events.ndjson.gz', broken));
    if (reading === undefined || !reading.report.isComplete) continue;
    expect({ run, events: reading.events.length }).toEqual({ run, events: lines.length });
  }
});
