import type { LogEvent } from '../log-event.ts';
import { visibleText } from '../visible-text.ts';

/** The largest time that a JavaScript date can hold. */
const maxEpochMs = 8.64e15;

const shownCharacters = 60;

/**
 * Reads one line `{"logGroup","logStream","timestamp","ingestionTime"?,"message"}`, times in epoch
 * milliseconds; other members are left alone.
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
  if (!isEpochMs(timestamp)) {
    return rule('timestamp', 'must be whole milliseconds since 1970', timestamp);
  }
  if (typeof message !== 'string') return rule('message', 'must be a text', message);
  if (ingestionTime === undefined) return { logGroup, logStream, timestamp, message };
  if (!isEpochMs(ingestionTime)) {
    return rule('ingestionTime', 'must be whole milliseconds since 1970', ingestionTime);
  }
  return { logGroup, logStream, timestamp, ingestionTime, message };
}

function isEpochMs(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxEpochMs;
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
