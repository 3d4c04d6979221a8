import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/file-lines.ts';
import { type LineBatch, tooLong } from '../lines/line-splitter.ts';
import { isPlausible, plausibleRange } from '../report/read-report.ts';
import type { EventMaker } from './event-maker.ts';
import {
  isLogGroup,
  isLogStream,
  logGroupRule,
  logStreamRule,
  rule,
  shown,
  unitHint,
} from './event-record.ts';
import { eventsOfJson } from './json-events.ts';
import { JsonSplitter, type JsonUnit } from './json-splitter.ts';

/**
 * Reads one line `{"logGroup","logStream","timestamp","ingestionTime"?,"message"}`, times in epoch
 * milliseconds; other members are ignored. A time in another unit would fall in 1970 or in the year
 * 58862: it is rejected, with a hint that shows it in the unit that fits.
 *
 * @returns the event, or the error: the field, its rule and the value
 */
export function parseNdjsonEvent(line: string): LogEvent | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return notJson(line);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `not a JSON object: ${shown(line)}`;
  }
  return readOwnEvent(value as Record<string, unknown>);
}

function notJson(text: string): string {
  return `not JSON: ${shown(text)}`;
}

function readOwnEvent(value: Readonly<Record<string, unknown>>): LogEvent | string {
  const { logGroup, logStream, timestamp, ingestionTime, message } = value;
  if (!isLogGroup(logGroup)) return rule('logGroup', logGroupRule, logGroup);
  if (!isLogStream(logStream)) return rule('logStream', logStreamRule, logStream);
  if (!isEpochMs(timestamp)) return rule('timestamp', timeRule, timestamp) + unitHint(timestamp);
  if (typeof message !== 'string') return rule('message', 'must be a string', message);
  if (ingestionTime === undefined) return { logGroup, logStream, timestamp, message };
  if (!isEpochMs(ingestionTime)) {
    return rule('ingestionTime', timeRule, ingestionTime) + unitHint(ingestionTime);
  }
  return { logGroup, logStream, timestamp, ingestionTime, message };
}

const timeRule = `must be whole milliseconds since 1970, ${plausibleRange}`;

function isEpochMs(value: unknown): value is number {
  return Number.isInteger(value) && isPlausible(value as number);
}

/** Whether a value is meant as an event of our own form, which no answer of AWS has. */
function isOwnEvent(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || !('logGroup' in value)) return false;
  return !('logEvents' in value || 'logStreamName' in value);
}

/**
 * Reads events from JSON: one value on each line, several on a line, or one over several lines.
 *
 * Empty lines are ignored. A line with a whole value is read at once, since exports of millions of
 * lines are of that kind.
 */
export class JsonReader implements BatchReader {
  readonly #maker: EventMaker;
  readonly #splitter = new JsonSplitter();
  readonly #isTable: boolean;

  /** @param isTable whether the values are rows of a table, whose times can be of another type */
  constructor(maker: EventMaker, isTable = false) {
    this.#maker = maker;
    this.#isTable = isTable;
  }

  /** Whether the next line begins a value of its own. */
  get isAtEnd(): boolean {
    return this.#splitter.isAtEnd;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      const line = firstLine + index;
      const harm = damage?.get(index);
      if (text === undefined) this.#maker.fail(line, tooLong);
      else if (!this.#readWhole(text, line, harm, events)) {
        for (const unit of this.#splitter.push(text, line)) this.#readUnit(unit, harm, events);
      }
    });
    return events;
  }

  end(): LogEvent[] {
    const events: LogEvent[] = [];
    for (const unit of this.#splitter.end()) this.#readUnit(unit, undefined, events);
    return events;
  }

  #readWhole(text: string, line: number, harm: string | undefined, events: LogEvent[]): boolean {
    if (!this.#splitter.isAtEnd || !text.startsWith('{') || !text.endsWith('}')) return false;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return false;
    }
    if (Array.isArray((value as { events?: unknown }).events)) return false;
    this.#readValue(value, line, harm, events);
    return true;
  }

  #readUnit(
    { line, text, problem, isRest }: JsonUnit,
    harm: string | undefined,
    events: LogEvent[],
  ) {
    const fail = (reason: string) => this.#maker.fail(line, harm ? `${reason}; ${harm}` : reason);
    if (problem === 'too long') return fail(tooLong);
    if (problem === 'cut off') return fail(`the JSON that starts here is cut off: ${shown(text)}`);
    if (problem !== undefined) return fail(notJson(text));
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return fail(notJson(text));
    }
    if (!isRest) this.#readValue(value, line, harm, events);
  }

  #readValue(value: unknown, line: number, harm: string | undefined, events: LogEvent[]): void {
    const found =
      !this.#isTable && isOwnEvent(value) ? [readOwnEvent(value)] : (eventsOfJson(value) ?? []);
    for (const one of found) {
      if (typeof one === 'string') {
        this.#maker.fail(line, harm ? `${one}; ${harm}` : one);
        continue;
      }
      const event = this.#maker.make(one, line, harm);
      if (event !== undefined) events.push(event);
    }
  }
}
