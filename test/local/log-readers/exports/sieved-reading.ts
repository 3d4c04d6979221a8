import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiteralSearch, placeLiterals } from '../../../../local/candidates/literal-search.ts';
import { SampleIndex } from '../../../../local/candidates/sample-index.ts';
import type { GroupTreatment } from '../../../../local/line-kernel/group-table.ts';
import { LineKernel } from '../../../../local/line-kernel/line-kernel.ts';
import type { LogEvent } from '../../../../local/log-event.ts';
import type { EventSieve } from '../../../../local/log-readers/lines/event-sieve.ts';
import {
  checkedReading,
  type ReadLogsOptions,
  readFileOf,
} from '../../../../local/log-readers/read-logs.ts';
import { LogReadError } from '../../../../local/log-readers/report/read-report.ts';
import { ReportBuilder } from '../../../../local/log-readers/report/report-builder.ts';

export const wanted = 'wanted';
export const startEpochMs = Date.UTC(2026, 10, 22);
export const nowEpochMs = Date.UTC(2026, 10, 23);

/** Passes over events without a word, and remembers the others as a reading would report them. */
export class WordSieve implements EventSieve {
  readonly kernel = new LineKernel();
  readonly passed: (readonly [logGroup: string, timestamp: number, ingestionTime: number])[] = [];
  readonly #treatment: GroupTreatment | undefined;

  /** @param isSearching whether the kernel searches for the word, or asks about every message */
  constructor(isSearching = false) {
    if (!isSearching) return;
    const pattern = Array.from(Buffer.from(wanted), (byte) => [byte]);
    const placed = placeLiterals([{ pattern, owners: [0] }], new SampleIndex([]));
    const messages = new LiteralSearch(this.kernel, placed, 1);
    this.#treatment = { messages, firstEpochMs: 0, lastEpochMs: Number.POSITIVE_INFINITY };
  }

  ofGroup(logGroup: string) {
    return {
      ...(this.#treatment && { treatment: this.#treatment }),
      mayMatter: (bytes: Uint8Array, from: number, to: number) =>
        Buffer.from(bytes.subarray(from, to)).includes(wanted),
      pass: (timestamp: number, ingestionTime = 0) => {
        this.passed.push([logGroup, timestamp, ingestionTime]);
      },
    };
  }
}

const place = ({ logGroup, timestamp, ingestionTime = 0 }: LogEvent) =>
  [logGroup, timestamp, ingestionTime] as const;

/** Uses a file with some content. */
export async function withFile<T>(
  bytes: Uint8Array,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sieved-'));
  try {
    const file = join(folder, 'events.ndjson');
    writeFileSync(file, bytes);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The events of a file, a batch at a time. */
export async function* batchesOf(
  file: string,
  report: ReportBuilder,
  sieve?: EventSieve,
  options: ReadLogsOptions = {},
): AsyncGenerator<LogEvent[]> {
  const source = { path: file, isDirectory: false, environment: 'local' };
  const reading = { ...checkedReading({ nowEpochMs, ...options }), report, sieve };
  yield* readFileOf(source, { file }, reading);
}

/** What a file gives, read with a sieve or without. */
async function read(file: string, sieve?: EventSieve, options?: ReadLogsOptions) {
  const report = new ReportBuilder();
  const events: LogEvent[] = [];
  let failure = '';
  try {
    for await (const some of batchesOf(file, report, sieve, options)) events.push(...some);
  } catch (error) {
    if (!(error instanceof LogReadError)) throw error;
    failure = error.message;
  }
  return { report: report.list(), events, failure };
}

/** Checks that a sieve changes nothing but which events are yielded; returns how many it kept back. */
export async function expectSame(
  bytes: Uint8Array,
  sieve = new WordSieve(),
  options?: ReadLogsOptions,
): Promise<number> {
  const [whole, sieved] = await withFile(bytes, async (file) => [
    await read(file, undefined, options),
    await read(file, sieve, options),
  ]);
  expect({ report: sieved.report, failure: sieved.failure }).toEqual({
    report: whole.report,
    failure: whole.failure,
  });
  const isWanted = ({ message }: LogEvent) => message.includes(wanted);
  expect(sieved.events.filter(isWanted)).toEqual(whole.events.filter(isWanted));
  const places = [...sieved.events.map(place), ...sieve.passed].map((one) => one.join(' '));
  expect(places.toSorted()).toEqual(whole.events.map((one) => place(one).join(' ')).toSorted());
  return sieve.passed.length;
}

/** An event in our own form. */
export const own = (second: number, message = `line ${second}`, more: object = {}) => ({
  ...{ logGroup: 'airflow-Prod-Task', logStream: 'dag_id=d/run_id=r/task_id=t/attempt=1.log' },
  ...{ timestamp: startEpochMs + second * 1000, message, ...more },
});

/** More lines than the beginning of a file, which is read in full. */
export const beginning = Array.from({ length: 250 }, (_, second) => JSON.stringify(own(second)));

export const fileOf = (...lines: readonly string[]) =>
  Buffer.from([...beginning, ...lines, ''].join('\n'));
