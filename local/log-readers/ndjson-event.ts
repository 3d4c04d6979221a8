import type { LogEvent } from '../log-event.ts';
import { visibleText } from '../visible-text.ts';
import { isPlausible, plausibleRange } from './plausible-time.ts';

const shownCharacters = 60;

/**
 * Reads one line `{"logGroup","logStream","timestamp","ingestionTime"?,"message"}`, times in epoch
 * milliseconds; other members are left alone. A time in another unit would be one of 1970, or of the
 * year 58862: it is refused, and the hint says what it is in the unit that fits.
 *
 * Names follow CloudWatch's own rules:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html and
 * API_LogStream.html.
 *
 * @returns the event, or what is wrong: the field, its rule and the value
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
  if (typeof message !== 'string') return rule('message', 'must be a text', message);
  if (ingestionTime === undefined) return { logGroup, logStream, timestamp, message };
  if (!isEpochMs(ingestionTime)) {
    return rule('ingestionTime', timeRule, ingestionTime) + hintOf(ingestionTime);
  }
  return { logGroup, logStream, timestamp, ingestionTime, message };
}

const timeRule = `must be whole milliseconds since 1970, of a time ${plausibleRange}`;

function isEpochMs(value: unknown): value is number {
  return Number.isInteger(value) && isPlausible(value as number);
}

/** Units that a time may have been written in, in milliseconds. */
const otherUnits = [
  ['seconds', 1000],
  ['microseconds', 1e-3],
  ['nanoseconds', 1e-6],
] as const;

/** What a time that is none says if it is read in another unit, or as the number that it looks like. */
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
