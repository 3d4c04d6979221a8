import type { LogType } from '../../lambda/log-types.ts';
import { type LineStart, readLineStart } from './airflow-stamp.ts';
import { readExportedLine } from './export-line.ts';
import { tooLate } from './plausible-time.ts';

export interface AirflowRecord {
  readonly epochMs: number;
  readonly text: string;
}

/**
 * What an event holds at the most; MWAA splits longer ones
 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
 */
const maxEventBytes = 256 * 1024 - 26;

/** Log types whose lines a handler of Python's logging sends, a record at a time. */
const sentByRecord: readonly LogType[] = ['Task', 'DAGProcessing'];

/** MWAA puts it in front of what its processes print: such a line is an event, with a stamp or without. */
const printedByMwaa = /^\[(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL)\] - /;

export interface RecordsOptions {
  /** Undefined when it is not known. */
  readonly logType: LogType | undefined;
  /** Whether each event begins with CloudWatch's own time, as in an export to S3. */
  readonly isExport: boolean;
  /** The time of lines in front of the first stamp. */
  readonly startEpochMs: number;
  /** Later times are read with a doubt. */
  readonly latestEpochMs: number;
}

/** What came of one further line. */
export interface PushedLine {
  /** Those that are complete now. */
  readonly records: readonly AirflowRecord[];
  /** What had to be assumed of this line, as a clause. */
  readonly doubt?: string | undefined;
}

/**
 * Puts lines together to the events that MWAA would have sent.
 *
 * Task and DAGProcessing: a line without a stamp continues the record before it, for MWAA's handler
 * sends whole records. WebServer, Scheduler and Worker: every line is an event, for MWAA captures
 * what these processes print, line by line. Of a type that is not known: as for a task, but what MWAA
 * marks as printed is an event. An export to S3 says itself where each event begins. In all, a line
 * without a stamp has the time of the last stamp before it, and so has one whose time cannot be read,
 * which is named.
 */
export class AirflowRecords {
  readonly #joins: boolean;
  readonly #isExport: boolean;
  readonly #isTypeKnown: boolean;
  readonly #latestEpochMs: number;
  #epochMs: number;
  #lines: string[] = [];
  #bytes = 0;
  #takesMore = false;

  constructor({ logType, isExport, startEpochMs, latestEpochMs }: RecordsOptions) {
    this.#joins = isExport || logType === undefined || sentByRecord.includes(logType);
    this.#isExport = isExport;
    this.#isTypeKnown = logType !== undefined;
    this.#epochMs = startEpochMs;
    this.#latestEpochMs = latestEpochMs;
  }

  push(line: string): PushedLine {
    const exported = this.#isExport ? readExportedLine(line) : undefined;
    if (exported !== undefined) {
      const records = this.#begin(exported.text, exported.epochMs);
      this.#takesMore = true;
      return { records, doubt: this.#tooLate(exported.epochMs) ?? this.#tooLong() };
    }
    const start: LineStart = this.#isExport ? { kind: 'plain' } : readLineStart(line);
    const bytes = Buffer.byteLength(line) + 1;
    const isOwn = start.kind !== 'plain' || (!this.#isTypeKnown && printedByMwaa.test(line));
    if (!isOwn && this.#takesMore && this.#bytes + bytes <= maxEventBytes) {
      this.#lines.push(line);
      this.#bytes += bytes;
      return { records: [], doubt: doubtOf(start) };
    }
    const records = this.#begin(line, start.kind === 'stamped' ? start.epochMs : this.#epochMs);
    // A line put behind JSON would make it something else.
    this.#takesMore = this.#joins && !line.startsWith('{');
    const tooLate = start.kind === 'stamped' ? this.#tooLate(start.epochMs) : undefined;
    return { records, doubt: doubtOf(start) ?? tooLate ?? this.#tooLong() };
  }

  end(): readonly AirflowRecord[] {
    if (this.#lines.length === 0) return [];
    const text = this.#lines.join('\n');
    this.#lines = [];
    return pieces(text).map((piece) => ({ epochMs: this.#epochMs, text: piece }));
  }

  #begin(line: string, epochMs: number): readonly AirflowRecord[] {
    const records = this.end();
    this.#epochMs = epochMs;
    this.#lines = [line];
    this.#bytes = Buffer.byteLength(line) + 1;
    return records;
  }

  #tooLate(epochMs: number): string | undefined {
    return epochMs > this.#latestEpochMs ? tooLate(epochMs) : undefined;
  }

  #tooLong(): string | undefined {
    if (this.#bytes - 1 <= maxEventBytes) return undefined;
    return `it is longer than an event of CloudWatch Logs (${maxEventBytes} bytes), so it was read in pieces, each by itself`;
  }
}

function doubtOf(start: LineStart): string | undefined {
  if (start.kind !== 'stamped') {
    const { unreadableTime } = start;
    return unreadableTime && `${unreadableTime}, so it has that of the line before it`;
  }
  const { unknownZone } = start;
  return unknownZone && `the time zone ${unknownZone} is not known, so its time was read as UTC`;
}

/** How far in front of its greatest length a piece may end, for a place between two words. */
const blankBytes = 4096;

function pieces(text: string): string[] {
  if (Buffer.byteLength(text) <= maxEventBytes) return [text];
  const bytes = Buffer.from(text);
  const found: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = pieceEnd(bytes, start);
    found.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return found;
}

function pieceEnd(bytes: Buffer, start: number): number {
  let end = start + maxEventBytes;
  if (end >= bytes.length) return bytes.length;
  const blank = bytes.subarray(end - blankBytes, end).lastIndexOf(' ');
  if (blank >= 0) return end - blankBytes + blank + 1;
  // Not within a character: its further bytes are 10xxxxxx.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
