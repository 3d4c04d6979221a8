import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/file-lines.ts';
import { type LineBatch, maxLineBytes, tooLong } from '../lines/line-splitter.ts';
import type { EventMaker } from './event-maker.ts';
import { type EventParts, type Fields, readEventRecord } from './event-record.ts';

/**
 * `EVENTS`, then the members of an event in the order of their names: of FilterLogEvents id, time of
 * ingestion, stream, message, time; of GetLogEvents time of ingestion, message, time.
 */
const filtered = /^EVENTS\t\d{20,80}\t(\d{13})\t([^\t]{1,512})\t(.*)$/s;
const gotten = /^EVENTS\t(\d{13})\t(.*)$/s;

/** `1795326599000<tab>message` of `--query 'events[].[timestamp,message]'`, with or without a stream. */
const pair = /^(\d{13})\t(?:(dag_id=[^\t]{1,500}|[^\t\s]{1,500}\.log)\t)?(.*)$/s;

interface StartedEvent {
  readonly fields: Fields;
  /** Whether the next lines can continue its message. */
  readonly isOpen: boolean;
}

/**
 * The beginning of an event of `aws logs … --output text`, or of a query for time and message.
 *
 * @returns undefined for a line that continues the message before it
 */
function readTextEvent(line: string): StartedEvent | undefined {
  const [, ingestionTime, logStream, last] = filtered.exec(line) ?? withoutStream(line);
  if (ingestionTime !== undefined) {
    const [, message = last, timestamp] = eventEnd.exec(last ?? '') ?? [];
    const fields = { ingestionTime, logStream, message, timestamp };
    return { fields, isOpen: timestamp === undefined };
  }
  const [, timestamp, stream, message] = pair.exec(line) ?? [];
  if (timestamp === undefined) return undefined;
  return { fields: { timestamp, message, logStream: stream }, isOpen: true };
}

function withoutStream(line: string): (string | undefined)[] {
  const [all, ingestionTime, last] = gotten.exec(line) ?? [];
  return [all, ingestionTime, undefined, last];
}

const eventEnd = /^(.*)\t(\d{13})$/s;

/** Lines of such an output that are no events. */
const otherLine = /^(?:SEARCHEDLOGSTREAMS|NEXTTOKEN|[bf]\/\d{20,80}\/s)\b/;

/** Whether a file begins with what the AWS CLI writes with `--output text`. */
export function isTextOutput(line: string): boolean {
  return /^(?:EVENTS|SEARCHEDLOGSTREAMS)\t|^b\/\d{20,80}\/s\t/.test(line) || pair.test(line);
}

/** Reads what the AWS CLI writes with `--output text`. */
export class TextReader implements BatchReader {
  readonly #maker: EventMaker;
  #fields: { message: string; readonly fields: Fields; readonly line: number } | undefined;
  #isOpen = false;

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
    this.#finish(events);
    return events;
  }

  #push(text: string, line: number, events: LogEvent[]): void {
    const started = readTextEvent(text);
    if (started !== undefined) {
      this.#finish(events);
      this.#fields = {
        fields: started.fields,
        message: String(started.fields.message ?? ''),
        line,
      };
      this.#isOpen = started.isOpen;
      return;
    }
    const open = this.#fields;
    if (open === undefined || !this.#isOpen) {
      if (text.trim() !== '' && !otherLine.test(text))
        this.#maker.fail(line, 'it is not an event of --output text');
      return;
    }
    const [, last, timestamp] =
      open.fields.timestamp === undefined ? (eventEnd.exec(text) ?? []) : [];
    if (open.message.length > maxLineBytes) {
      this.#maker.fail(open.line, tooLong);
      this.#fields = undefined;
      return;
    }
    open.message += `\n${last ?? text}`;
    if (timestamp === undefined) return;
    this.#fields = { ...open, fields: { ...open.fields, timestamp } };
    this.#isOpen = false;
  }

  #finish(events: LogEvent[]): void {
    const open = this.#fields;
    this.#fields = undefined;
    if (open === undefined) return;
    if (open.fields.timestamp === undefined) {
      this.#maker.fail(
        open.line,
        'the event that starts here is cut off: it has no time at its end',
      );
      return;
    }
    const parts: EventParts | string | undefined = readEventRecord({
      ...open.fields,
      message: open.message.trimEnd(),
    });
    if (typeof parts !== 'object') {
      this.#maker.fail(open.line, parts ?? 'the event has no message');
      return;
    }
    const event = this.#maker.make(parts, open.line);
    if (event !== undefined) events.push(event);
  }
}
