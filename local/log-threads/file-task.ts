import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import type { PreparedLiterals } from '../candidates/prepared-literals.ts';
import type { EventNeeds, NotKept } from '../insights-engine/needed-events.ts';
import type { LogEvent } from '../log-event.ts';
import type { ByteRange } from '../log-readers/lines/file-pieces.ts';
import type { FileSource, FilesReading } from '../log-readers/read-logs.ts';
import type { ListedReport } from '../log-readers/report/report-builder.ts';
import type { JudgedEvent } from './judge-events.ts';
import type { CountedSpan, ListedCounts } from './time-counts.ts';

/** An event that a query needs, and its number among all events of its file, from 0. */
export interface KeptEvent {
  readonly event: LogEvent;
  readonly number: number;
}

/** What a query needs of a file. */
export interface NeededOfFile {
  readonly kept: readonly KeptEvent[];
  readonly notKept: readonly NotKept[];
}

/** What is kept of files for a query. */
export interface QueryReading {
  readonly needs: EventNeeds;
  /** With more to keep, a file is not read to its end. */
  readonly keptBytesMax: number;
}

/** What every file of a replay is judged by; plain data, which a worker thread can be given. */
export interface JudgeSettings {
  readonly candidates: readonly Candidate[];
  /** For these candidates. @default - what to search for is learnt from the logs */
  readonly prepared?: PreparedLiterals;
  readonly source: FileSource;
  readonly reading: Omit<FilesReading, 'report' | 'sieve'>;
  /** The times to count events by. @default - events are not counted by time */
  readonly counted?: CountedSpan;
  /** For a query, to whose events no detection is applied. @default - the events are judged */
  readonly query?: QueryReading;
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
  /** What a query needs of it. @default - its events were judged */
  readonly needed?: NeededOfFile;
  /** Why the file could not be read, where that ends the whole reading. */
  readonly failure?: { readonly message: string; readonly reason: string };
  /** Whether nothing of it depended on what is before it in the file. */
  readonly isSelfContained: boolean;
}

/** How much of a file was read, and the events that a detection matched there. */
export interface JudgeSink {
  readonly matched: (events: readonly JudgedEvent[]) => void;
  readonly bytesRead: (bytes: number) => void;
  /** Whether nobody waits for the result any more. @default somebody does */
  readonly isOver?: () => boolean;
}
