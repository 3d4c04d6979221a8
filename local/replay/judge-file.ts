import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { GroupSearches } from '../candidates/group-search.ts';
import { MessageSieve } from '../candidates/message-sieve.ts';
import type { PreparedLiterals } from '../candidates/prepared-literals.ts';
import type { LogEvent } from '../log-event.ts';
import type { ByteRange } from '../log-readers/lines/file-pieces.ts';
import { type FileSource, type FilesReading, readFileOf } from '../log-readers/read-logs.ts';
import { LogReadError } from '../log-readers/report/read-report.ts';
import { type ListedReport, ReportBuilder } from '../log-readers/report/report-builder.ts';
import { EventJudge, type JudgedEvent } from './judge-events.ts';
import { type CountedSpan, type ListedCounts, TimeCounts } from './time-counts.ts';

/** What every file of a replay is judged by; plain data, which a worker thread can be given. */
export interface JudgeSettings {
  readonly candidates: readonly Candidate[];
  /** For these candidates. @default - what to search for is learnt from the logs */
  readonly prepared?: PreparedLiterals;
  readonly source: FileSource;
  readonly reading: Omit<FilesReading, 'report' | 'sieve'>;
  /** The times to count events by. @default - events are not counted by time */
  readonly counted?: CountedSpan;
}

/** A file to judge, or a part of one that begins and ends with a line. */
export interface FileTask {
  readonly file: string;
  readonly range?: ByteRange;
}

/** What was seen in a file, apart from the matched events. */
export interface JudgedFile {
  readonly report: ListedReport;
  readonly logGroups: readonly string[];
  /** Epoch milliseconds; infinite without an event. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  readonly lastIngestionEpochMs: number;
  readonly counts: ListedCounts;
  /** Why the file could not be read, where that ends the whole reading. */
  readonly failure?: { readonly message: string; readonly reason: string };
  /** Whether nothing of it depended on what is before it in the file. */
  readonly isSelfContained: boolean;
}

/** How much of a file was read, and the events that a detection matched there. */
export interface JudgeSink {
  readonly matched: (events: readonly JudgedEvent[]) => void;
  readonly bytesRead: (bytes: number) => void;
}

/** Reads files and judges their events, one after the other. */
export class FileJudge {
  readonly #settings: JudgeSettings;
  readonly #judge: EventJudge;
  readonly #sieve: MessageSieve;
  #counts: TimeCounts | undefined;

  constructor(settings: JudgeSettings) {
    this.#settings = settings;
    const { candidates, prepared, counted } = settings;
    const searches = new GroupSearches(candidates, prepared);
    this.#judge = new EventJudge(candidates, searches);
    // The sieve lets no event with `add-role` pass: that text is the first candidate's condition.
    const count = (logGroup: string, epochMs: number) =>
      this.#counts?.add(logGroup, epochMs, false);
    this.#sieve = new MessageSieve(searches, counted === undefined ? undefined : count);
  }

  async judge({ file, range }: FileTask, sink: JudgeSink): Promise<JudgedFile> {
    const { source, reading, counted } = this.#settings;
    const report = new ReportBuilder();
    const seen = new SeenEvents();
    this.#counts = counted && new TimeCounts(counted);
    let failure: JudgedFile['failure'];
    const read = { ...reading, report, sieve: this.#sieve };
    try {
      for await (const events of readFileOf(source, { file, range }, read, sink.bytesRead)) {
        const matched = this.#judgeAll(events, seen);
        if (matched.length > 0) sink.matched(matched);
      }
    } catch (error) {
      if (!(error instanceof LogReadError)) throw error;
      failure = { message: error.message, reason: error.reason };
    }
    const passed = this.#sieve.takePassed();
    return {
      report: report.list(),
      logGroups: [...new Set([...seen.logGroups, ...passed.logGroups])],
      firstEpochMs: Math.min(seen.firstEpochMs, passed.firstEpochMs),
      lastEpochMs: Math.max(seen.lastEpochMs, passed.lastEpochMs),
      lastIngestionEpochMs: Math.max(seen.lastIngestionEpochMs, passed.lastIngestionEpochMs),
      counts: this.#counts?.list() ?? [],
      ...(failure && { failure }),
      isSelfContained: report.isComplete && !report.hasAssumedTimes,
    };
  }

  #judgeAll(events: readonly LogEvent[], seen: SeenEvents): JudgedEvent[] {
    const matched: JudgedEvent[] = [];
    for (const event of events) {
      seen.add(event);
      this.#counts?.add(event.logGroup, event.timestamp, event.message.includes('add-role'));
      const judged = this.#judge.judge(event);
      if (judged !== undefined) matched.push(judged);
    }
    return matched;
  }
}

/** The groups and times of events that were read. */
class SeenEvents {
  readonly logGroups = new Set<string>();
  firstEpochMs = Number.POSITIVE_INFINITY;
  lastEpochMs = Number.NEGATIVE_INFINITY;
  lastIngestionEpochMs = 0;

  add({ logGroup, timestamp, ingestionTime = 0 }: LogEvent): void {
    this.logGroups.add(logGroup);
    if (timestamp < this.firstEpochMs) this.firstEpochMs = timestamp;
    if (timestamp > this.lastEpochMs) this.lastEpochMs = timestamp;
    if (ingestionTime > this.lastIngestionEpochMs) this.lastIngestionEpochMs = ingestionTime;
  }
}
