import type { LogType } from '../../../lambda/model/log-types.ts';
import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/file-lines.ts';
import { type LineBatch, tooLong } from '../lines/line-splitter.ts';
import { tooLate } from '../report/read-report.ts';
import type { ReportBuilder } from '../report/report-builder.ts';
import type { AirflowLocation } from './airflow-location.ts';
import { type LineStart, readLineStart } from './airflow-stamp.ts';

export interface AirflowRecord {
  readonly epochMs: number;
  readonly text: string;
}

/**
 * Maximum size of an event; MWAA splits longer ones
 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
 */
const maxEventBytes = 256 * 1024 - 26;

/** Log types whose lines Python's logging handler sends, one record at a time. */
const sentByRecord: readonly LogType[] = ['Task', 'DAGProcessing'];

/**
 * MWAA prefixes what its processes print with it: such a line is an event, with or without a stamp.
 */
const printedByMwaa = /^\[(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL)\] - /;

interface RecordsOptions {
  /** Undefined when it is not known. */
  readonly logType: LogType | undefined;
  /** The time of lines before the first stamp. */
  readonly startEpochMs: number;
  /** Later times are reported as a doubt. */
  readonly latestEpochMs: number;
}

/** The result of one further line. */
interface PushedLine {
  /** Records that are complete now. */
  readonly records: readonly AirflowRecord[];
  /** What had to be assumed about this line, as a clause. */
  readonly doubt?: string | undefined;
}

/**
 * Joins lines into the events that MWAA would have sent.
 *
 * Task and DAGProcessing: a line without a stamp continues the record before it, because MWAA's
 * handler sends whole records. WebServer, Scheduler and Worker: every line is an event, because
 * MWAA captures what these processes print, line by line. Unknown type: as for a task, but a line
 * that MWAA marks as printed is an event. In all of them, a line without a readable stamp has the
 * time that another program wrote before it, or else that of the last stamp before it; an unreadable
 * stamp is reported.
 */
export class AirflowRecords {
  readonly #joins: boolean;
  readonly #isTypeKnown: boolean;
  readonly #latestEpochMs: number;
  #epochMs: number;
  #lines: string[] = [];
  #bytes = 0;
  #takesMore = false;

  constructor({ logType, startEpochMs, latestEpochMs }: RecordsOptions) {
    this.#joins = logType === undefined || sentByRecord.includes(logType);
    this.#isTypeKnown = logType !== undefined;
    this.#epochMs = startEpochMs;
    this.#latestEpochMs = latestEpochMs;
  }

  /** @param epochMs the time that another program wrote before the line, if any */
  push(line: string, epochMs = this.#epochMs): PushedLine {
    const start: LineStart = readLineStart(line);
    const bytes = Buffer.byteLength(line) + 1;
    const isOwn = start.kind !== 'plain' || (!this.#isTypeKnown && printedByMwaa.test(line));
    if (!isOwn && this.#takesMore && this.#bytes + bytes <= maxEventBytes) {
      this.#lines.push(line);
      this.#bytes += bytes;
      return { records: [], doubt: doubtOf(start) };
    }
    const records = this.#begin(line, start.kind === 'stamped' ? start.epochMs : epochMs);
    // A line appended to JSON would break it.
    this.#takesMore = this.#joins && !line.startsWith('{');
    const tooLate = start.kind === 'stamped' ? this.#tooLate(start.epochMs) : undefined;
    return { records, doubt: doubtOf(start) ?? tooLate ?? this.#tooLong() };
  }

  end(): readonly AirflowRecord[] {
    if (this.#lines.length === 0) return [];
    const text = this.#lines.join('\n');
    this.#lines = [];
    return eventPieces(text).map((piece) => ({ epochMs: this.#epochMs, text: piece }));
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
    return this.#bytes - 1 > maxEventBytes ? longerThanEvent : undefined;
  }
}

export const longerThanEvent = `it is longer than an event of CloudWatch Logs (${maxEventBytes} bytes), so it was read in separate pieces`;

function doubtOf(start: LineStart): string | undefined {
  if (start.kind !== 'stamped') {
    const { unreadableTime } = start;
    return unreadableTime && `${unreadableTime}, so it has the time of the line before it`;
  }
  const { unknownZone } = start;
  return unknownZone && `the time zone ${unknownZone} is not known, so its time was read as UTC`;
}

/** How far before the maximum length a piece may end, to cut between two words. */
const blankBytes = 4096;

/** A message as events of CloudWatch Logs can hold it: in pieces if it is too long for one. */
export function eventPieces(text: string): string[] {
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
  // Do not cut within a character: its continuation bytes are 10xxxxxx.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

interface AirflowReaderOptions {
  readonly logGroup: string;
  /** The time of lines before the first stamp. */
  readonly startEpochMs: number;
  /** Later times are reported as a doubt. */
  readonly latestEpochMs: number;
}

/** Reads the lines of an Airflow log as the events that MWAA would have sent. */
export class AirflowReader implements BatchReader {
  readonly #file: string;
  readonly #report: ReportBuilder;
  readonly #records: AirflowRecords;
  readonly #logGroup: string;
  readonly #logStream: string;

  constructor(
    file: string,
    { logType, logStream }: AirflowLocation,
    { logGroup, ...options }: AirflowReaderOptions,
    report: ReportBuilder,
  ) {
    this.#file = file;
    this.#report = report;
    this.#records = new AirflowRecords({ logType, ...options });
    this.#logGroup = logGroup;
    this.#logStream = logStream;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      const line = firstLine + index;
      if (text === undefined) {
        this.#report.addBadLine({ file: this.#file, line, reason: tooLong });
        return;
      }
      const { records, doubt } = this.#records.push(text);
      for (const record of records) events.push(this.#event(record));
      const reason = damage?.get(index) ?? doubt;
      if (reason !== undefined) this.#report.addDoubt({ file: this.#file, line, reason });
    });
    return events;
  }

  end(): LogEvent[] {
    return this.#records.end().map((record) => this.#event(record));
  }

  #event({ epochMs, text }: AirflowRecord): LogEvent {
    return {
      logGroup: this.#logGroup,
      logStream: this.#logStream,
      timestamp: epochMs,
      message: text,
    };
  }
}
