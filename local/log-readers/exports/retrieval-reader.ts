import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/file-lines.ts';
import { type LineBatch, maxLineBytes, tooLong } from '../lines/line-splitter.ts';
import type { EventMaker } from './event-maker.ts';
import { isLogGroup, readEventRecord } from './event-record.ts';

const groupLine = /^Log Group: (\S+)$/;
const timeLine = /^Timestamp: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? UTC)$/;
const streamLine = /^Stream: (.{1,512})$/;
const rowEnd = '-'.repeat(80);

/** Whether a file begins as `mwaa_log_retrieval.py` writes it. */
export function isRetrieval(line: string): boolean {
  return groupLine.test(line);
}

interface Block {
  readonly line: number;
  readonly time: string;
  stream?: string;
  /** Lines of the message; undefined before it starts. */
  lines?: string[];
  characters: number;
}

/**
 * Reads the output of AWS Support's `mwaa_log_retrieval.py`
 * (https://github.com/awslabs/aws-support-tools/tree/master/MWAA/log_retrieval): a header with the
 * log group, then for each event its time, its stream and the message, up to a row of dashes.
 *
 * A row of dashes inside a message does not end it: only one that an event or the end follows.
 */
export class RetrievalReader implements BatchReader {
  readonly #maker: EventMaker;
  #logGroup: string | undefined;
  #block: Block | undefined;

  constructor(maker: EventMaker) {
    this.#maker = maker;
  }

  read(batch: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    this.#maker.eachLine(batch, (text, line) => this.#push(text, line, events));
    return events;
  }

  end(): LogEvent[] {
    const events: LogEvent[] = [];
    this.#finish(events, true);
    return events;
  }

  #push(text: string, line: number, events: LogEvent[]): void {
    const [, time] = timeLine.exec(text) ?? [];
    if (time !== undefined && (this.#block === undefined || this.#isEnded())) {
      this.#finish(events, false);
      this.#block = { line, time, characters: 0 };
      return;
    }
    const block = this.#block;
    if (block === undefined) {
      const [, group] = groupLine.exec(text) ?? [];
      if (isLogGroup(group)) this.#logGroup = group;
      return;
    }
    if (block.lines !== undefined) {
      block.lines.push(text);
      block.characters += text.length + 1;
      if (block.characters > maxLineBytes) {
        this.#maker.fail(block.line, tooLong);
        this.#block = undefined;
      }
      return;
    }
    const [, stream] = streamLine.exec(text) ?? [];
    if (block.stream === undefined && stream !== undefined) block.stream = stream;
    else if (text === 'Message:') block.lines = [];
    else this.#maker.fail(line, `an event has Stream: and Message: here, not ${text.slice(0, 60)}`);
  }

  /** Whether the last lines are a row of dashes and an empty one. */
  #isEnded(): boolean {
    const lines = this.#block?.lines ?? [];
    return lines.at(-1) === '' && lines.at(-2) === rowEnd;
  }

  #finish(events: LogEvent[], isLast: boolean): void {
    const block = this.#block;
    this.#block = undefined;
    if (block === undefined) return;
    const { line, time, stream, lines } = block;
    if (lines === undefined) {
      this.#maker.fail(line, 'the event that starts here is cut off');
      return;
    }
    // The file may have lost its last empty line.
    const end = isLast ? lines.findLastIndex((one) => one !== '') : lines.length - 2;
    const isCutOff = lines[end] !== rowEnd;
    const message = lines.slice(0, isCutOff ? end + 1 : end).join('\n');
    const parts = readEventRecord({
      timestamp: time,
      message,
      ...(stream !== undefined && { logStream: stream }),
      ...(this.#logGroup !== undefined && { logGroup: this.#logGroup }),
    });
    if (typeof parts !== 'object') {
      this.#maker.fail(line, parts ?? 'the event has no message');
      return;
    }
    const event = this.#maker.make(
      parts,
      line,
      isCutOff ? 'the event that starts here is cut off' : undefined,
    );
    if (event !== undefined) events.push(event);
  }
}
