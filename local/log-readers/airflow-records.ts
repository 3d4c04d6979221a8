import type { LogType } from '../../lambda/log-types.ts';
import { readLineStart } from './airflow-stamp.ts';

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

/**
 * Puts lines together to the events that MWAA would have sent.
 *
 * Task and DAGProcessing: a line without a stamp continues the record before it, for MWAA's handler
 * sends whole records. WebServer, Scheduler and Worker: every line is an event, for MWAA captures
 * what these processes print, line by line. In both, a line without a stamp has the time of the
 * last stamp before it.
 */
export class AirflowRecords {
  readonly #joins: boolean;
  #epochMs: number;
  #lines: string[] = [];
  #bytes = 0;
  #takesMore = false;

  /** @param startEpochMs the time of lines in front of the first stamp */
  constructor(logType: LogType, startEpochMs: number) {
    this.#joins = sentByRecord.includes(logType);
    this.#epochMs = startEpochMs;
  }

  /** @returns the records that are complete now, and the zone of the stamp if it is not known */
  push(line: string): { records: readonly AirflowRecord[]; unknownZone?: string | undefined } {
    const start = readLineStart(line);
    const bytes = Buffer.byteLength(line) + 1;
    const continues =
      start.kind === 'plain' && this.#takesMore && this.#bytes + bytes <= maxEventBytes;
    if (continues) {
      this.#lines.push(line);
      this.#bytes += bytes;
      return { records: [] };
    }
    const records = this.end();
    if (start.kind === 'stamped') this.#epochMs = start.epochMs;
    this.#lines = [line];
    this.#bytes = bytes;
    // A line put behind JSON would make it something else.
    this.#takesMore = this.#joins && !line.startsWith('{');
    const unknownZone = start.kind === 'stamped' ? start.unknownZone : undefined;
    return { records, unknownZone };
  }

  end(): readonly AirflowRecord[] {
    if (this.#lines.length === 0) return [];
    const text = this.#lines.join('\n');
    this.#lines = [];
    return pieces(text).map((piece) => ({ epochMs: this.#epochMs, text: piece }));
  }
}

function pieces(text: string): string[] {
  if (Buffer.byteLength(text) <= maxEventBytes) return [text];
  const bytes = Buffer.from(text);
  const found: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + maxEventBytes, bytes.length);
    // Not within a character: its further bytes are 10xxxxxx.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    found.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return found;
}
