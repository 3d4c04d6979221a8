import { LogReadError } from '../log-readers/report/read-report.ts';
import { ReportBuilder } from '../log-readers/report/report-builder.ts';
import type { JudgedFile } from './file-task.ts';
import { type CountedSpan, TimeCounts } from './time-counts.ts';

/** What was seen in logs, apart from the matched events. */
export interface JudgedLogs {
  readonly report: ReportBuilder;
  readonly logGroups: ReadonlySet<string>;
  /** Epoch milliseconds; infinite without an event. */
  readonly firstEventEpochMs: number;
  readonly lastEventEpochMs: number;
  /** 0 if no event has a time of ingestion. */
  readonly lastIngestionEpochMs: number;
  /** On disk: of a compressed file, its compressed bytes. */
  readonly bytesRead: number;
  readonly counts: TimeCounts;
}

/** Results that wait for that of an earlier file, at most: each takes some memory. */
const waitingMax = 1000;

/** Joins the results of files to one, in the order of the files, however they come. */
export class MergedFiles {
  readonly report = new ReportBuilder();
  readonly #counts: TimeCounts;
  readonly #onFile: (file: JudgedFile) => void;
  readonly #logGroups = new Set<string>();
  readonly #waiting = new Map<number, JudgedFile>();
  /** Those who wait for room, each with what lets it go on. */
  #held: { readonly number: number; readonly release: () => void }[] = [];
  #next = 0;
  #firstEpochMs = Number.POSITIVE_INFINITY;
  #lastEpochMs = Number.NEGATIVE_INFINITY;
  #lastIngestionEpochMs = 0;

  /** @param onFile called for each file, in their order */
  constructor(counted: CountedSpan = {}, onFile: (file: JudgedFile) => void = () => {}) {
    this.#counts = new TimeCounts(counted);
    this.#onFile = onFile;
  }

  /** Waits until so few files are missing before the given one that its result can wait for them. */
  async roomFor(number: number): Promise<void> {
    if (this.#hasRoom(number)) return;
    await new Promise<void>((release) => this.#held.push({ number, release }));
  }

  /**
   * @param number of the file, from 0
   * @throws LogReadError for a file whose failure ends the reading
   */
  put(number: number, file: JudgedFile): void {
    this.#waiting.set(number, file);
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (next === undefined) break;
      this.#waiting.delete(this.#next);
      this.#next += 1;
      this.#merge(next);
    }
    for (const { release } of this.#held.filter((one) => this.#hasRoom(one.number))) release();
    this.#held = this.#held.filter((one) => !this.#hasRoom(one.number));
  }

  logs(bytesRead: number): JudgedLogs {
    return {
      ...{ report: this.report, logGroups: this.#logGroups, bytesRead, counts: this.#counts },
      firstEventEpochMs: this.#firstEpochMs,
      // As of logs without events: later than no time.
      lastEventEpochMs: Math.max(0, this.#lastEpochMs),
      lastIngestionEpochMs: this.#lastIngestionEpochMs,
    };
  }

  #hasRoom(number: number): boolean {
    return number < this.#next + waitingMax;
  }

  #merge(file: JudgedFile): void {
    const { report, logGroups, counts, failure, ...times } = file;
    this.report.append(report);
    if (failure !== undefined) {
      throw new LogReadError(failure.message, { reason: failure.reason });
    }
    this.#onFile(file);
    for (const logGroup of logGroups) this.#logGroups.add(logGroup);
    this.#counts.append(counts);
    this.#firstEpochMs = Math.min(this.#firstEpochMs, times.firstEpochMs);
    this.#lastEpochMs = Math.max(this.#lastEpochMs, times.lastEpochMs);
    this.#lastIngestionEpochMs = Math.max(this.#lastIngestionEpochMs, times.lastIngestionEpochMs);
  }
}
