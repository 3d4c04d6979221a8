import type { LogEvent } from '../../log-event.ts';
import { visibleText } from '../../visible-text.ts';
import { type BatchReader, type LineBatch, maxLineBytes } from '../lines/file-lines.ts';
import { isPlausible, plausibleRange, type ReportBuilder, tooLate } from '../report/read-report.ts';

const shownCharacters = 60;

/**
 * Reads one line `{"logGroup","logStream","timestamp","ingestionTime"?,"message"}`, times in epoch
 * milliseconds; other members are ignored. A time in another unit would fall in 1970 or in the year
 * 58862: it is rejected, with a hint that shows it in the unit that fits.
 *
 * Names follow CloudWatch's own rules:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html and
 * API_LogStream.html.
 *
 * @returns the event, or the error: the field, its rule and the value
 */
export function parseNdjsonEvent(line: string): LogEvent | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `not JSON: ${shown(line)}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `not a JSON object: ${shown(line)}`;
  }
  const { logGroup, logStream, timestamp, ingestionTime, message } = value as Record<
    string,
    unknown
  >;
  if (typeof logGroup !== 'string' || !/^[-._/#A-Za-z0-9]{1,512}$/.test(logGroup)) {
    return rule('logGroup', 'must be 1 to 512 letters, digits and . - _ / #', logGroup);
  }
  if (typeof logStream !== 'string' || !/^[^:*]{1,512}$/s.test(logStream)) {
    return rule('logStream', 'must be 1 to 512 characters other than : and *', logStream);
  }
  if (!isEpochMs(timestamp)) return rule('timestamp', timeRule, timestamp) + hintOf(timestamp);
  if (typeof message !== 'string') return rule('message', 'must be a string', message);
  if (ingestionTime === undefined) return { logGroup, logStream, timestamp, message };
  if (!isEpochMs(ingestionTime)) {
    return rule('ingestionTime', timeRule, ingestionTime) + hintOf(ingestionTime);
  }
  return { logGroup, logStream, timestamp, ingestionTime, message };
}

const timeRule = `must be whole milliseconds since 1970, ${plausibleRange}`;

function isEpochMs(value: unknown): value is number {
  return Number.isInteger(value) && isPlausible(value as number);
}

/** Other units that a time may be in, in milliseconds. */
const otherUnits = [
  ['seconds', 1000],
  ['microseconds', 1e-3],
  ['nanoseconds', 1e-6],
] as const;

/** Shows an invalid time as read in another unit, or as a number. */
function hintOf(value: unknown): string {
  if (typeof value !== 'number' && typeof value !== 'string') return '';
  if (value === '' || Number.isNaN(Number(value))) return '';
  const number = Number(value);
  const unit = otherUnits.find(([, factor]) => isPlausible(number * factor));
  if (unit === undefined) return '';
  return ` (as ${unit[0]} it is ${new Date(number * unit[1]).toISOString()})`;
}

function rule(field: string, text: string, value: unknown): string {
  return value === undefined
    ? `${field} is missing: it ${text}`
    : `${field} ${text}, got ${shown(JSON.stringify(value))}`;
}

function shown(text: string): string {
  const start = visibleText(text.slice(0, shownCharacters));
  return text.length > shownCharacters ? `${start}…` : start;
}

/** Reads one event per line; empty lines are ignored. */
export class NdjsonReader implements BatchReader {
  readonly #file: string;
  readonly #report: ReportBuilder;

  readonly #latestEpochMs: number;

  /** @param latestEpochMs later times are reported as a doubt */
  constructor(file: string, report: ReportBuilder, latestEpochMs: number) {
    this.#file = file;
    this.#report = report;
    this.#latestEpochMs = latestEpochMs;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      if (text?.trim() === '') return;
      const event = text === undefined ? tooLong : parseNdjsonEvent(text);
      const harm = damage?.get(index);
      const line = firstLine + index;
      if (typeof event === 'string') {
        const reason = harm ? `${event}; ${harm}` : event;
        this.#report.addBadLine({ file: this.#file, line, reason });
        return;
      }
      events.push(event);
      const late = event.timestamp > this.#latestEpochMs ? tooLate(event.timestamp) : undefined;
      const reason = harm ?? late;
      if (reason !== undefined) this.#report.addDoubt({ file: this.#file, line, reason });
    });
    return events;
  }

  end(): LogEvent[] {
    return [];
  }
}

export const tooLong = `longer than ${maxLineBytes} bytes`;
