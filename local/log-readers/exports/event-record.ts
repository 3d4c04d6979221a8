import type { LogEvent } from '../../log-event.ts';
import { visibleText } from '../../visible-text.ts';
import { isPlausible, plausibleRange } from '../report/read-report.ts';

/** What an export says of an event; a part is missing when the format does not name it. */
export interface EventParts {
  readonly logGroup?: string;
  readonly logStream?: string;
  /** Epoch milliseconds. */
  readonly timestamp?: number;
  readonly ingestionTime?: number;
  readonly message: string;
}

type Part = keyof LogEvent;

/**
 * The names that AWS gives to the parts of an event: in Logs Insights (`@message`), in the answers
 * of FilterLogEvents, GetLogEvents and StartLiveTail, in subscriptions, in the console's CSV, and
 * as a table's columns, where case and `_` differ.
 */
const partsByName: Readonly<Record<string, Part>> = {
  '@log': 'logGroup',
  loggroup: 'logGroup',
  loggroupname: 'logGroup',
  loggroupidentifier: 'logGroup',
  logstream: 'logStream',
  logstreamname: 'logStream',
  timestamp: 'timestamp',
  ingestiontime: 'ingestionTime',
  message: 'message',
};

/** Names come from files: only so many are remembered. */
const rememberedNames = 1000;
const knownNames = new Map<string, Part | undefined>();

/** The part of an event that a member or a column of this name holds; undefined for any other. */
export function partOf(name: string): Part | undefined {
  if (knownNames.has(name)) return knownNames.get(name);
  const plain = name.trim().toLowerCase();
  const key = plain === '@log' ? plain : plain.replace(/[@_. -]/g, '');
  const part = Object.hasOwn(partsByName, key) ? partsByName[key] : undefined;
  if (knownNames.size < rememberedNames) knownNames.set(name, part);
  return part;
}

export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an object or a row that describes one event, under any of AWS's names for its parts.
 *
 * Times are epoch milliseconds, ISO times, or `2026-11-22 05:50:01.900` as Logs Insights writes
 * them, in UTC. A message that the console parsed as JSON is written as JSON again.
 *
 * @returns the parts; an error: the field, its rule and the value; or undefined when the record
 *   contains no message and thus is not an event
 */
export function readEventRecord(record: Fields): EventParts | string | undefined {
  const found: Partial<Record<Part, { readonly name: string; readonly value: unknown }>> = {};
  for (const [name, value] of Object.entries(record)) {
    const part = partOf(name);
    if (part === undefined || value === null || value === undefined) continue;
    if (value !== '' || part === 'message') found[part] ??= { name, value };
  }
  const { message, timestamp, ingestionTime, logGroup, logStream } = found;
  if (message === undefined) return undefined;
  const parts: { -readonly [K in keyof EventParts]: EventParts[K] } = {
    message: typeof message.value === 'string' ? message.value : JSON.stringify(message.value),
  };
  for (const [part, field] of [
    ['timestamp', timestamp],
    ['ingestionTime', ingestionTime],
  ] as const) {
    if (field === undefined) continue;
    const epochMs = epochMsOf(field.value);
    if (epochMs === undefined)
      return rule(field.name, timeRule, field.value) + unitHint(field.value);
    parts[part] = epochMs;
  }
  if (logGroup !== undefined) {
    const name = logGroupNameOf(logGroup.value);
    if (name === undefined) return rule(logGroup.name, logGroupRule, logGroup.value);
    parts.logGroup = name;
  }
  if (logStream !== undefined) {
    if (!isLogStream(logStream.value)) return rule(logStream.name, logStreamRule, logStream.value);
    parts.logStream = logStream.value;
  }
  return parts;
}

/** Logs Insights' `@log` is `123456789012:airflow-prod-Task`; Live Tail can give an ARN. */
export function logGroupNameOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.replace(/^(?:arn:[^:]*:logs:[^:]*:)?(?:\d{12}:)?(?:log-group:)?/, '');
  const plain = name.replace(/:\*$/, '');
  return isLogGroup(plain) ? plain : undefined;
}

/**
 * CloudWatch's own rules:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html and
 * API_LogStream.html.
 */
export function isLogGroup(value: unknown): value is string {
  return typeof value === 'string' && /^[-._/#A-Za-z0-9]{1,512}$/.test(value);
}
export const logGroupRule = 'must be 1 to 512 letters, digits and . - _ / #';

export function isLogStream(value: unknown): value is string {
  return typeof value === 'string' && /^[^:*]{1,512}$/s.test(value);
}
export const logStreamRule = 'must be 1 to 512 characters other than : and *';

const timeRule = `must be a time ${plausibleRange}, in milliseconds since 1970 or as 2026-11-22 05:50:01.900`;

export function epochMsOf(value: unknown): number | undefined {
  const epochMs =
    typeof value === 'number' || (typeof value === 'string' && /^\d{13}$/.test(value))
      ? Number(value)
      : typeof value === 'string'
        ? readIsoTime(value)
        : Number.NaN;
  return isPlausible(epochMs) ? Math.floor(epochMs) : undefined;
}

const isoTime =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(?:(Z|UTC)|([+-]\d\d)(?::?(\d\d))?)?$/;

/**
 * Reads `2026-11-22T05:50:01.900Z` and its relatives: a blank for the T, up to nine digits of a
 * second, a zone in any of the ISO forms, UTC without one.
 *
 * @returns epoch milliseconds, cut off, or NaN
 */
export function readIsoTime(text: string): number {
  const [, day, time, fraction = '', , hours, minutes = '00'] = isoTime.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const epochMs = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  if (Number.isNaN(epochMs)) return Number.NaN;
  // `Date.parse` accepts 30 February as 2 March.
  const midnight = new Date(`${day}T00:00:00Z`).toISOString();
  return midnight.startsWith(day) ? epochMs : Number.NaN;
}

/** Other units that a time may be in, in milliseconds. */
const otherUnits = [
  ['seconds', 1000],
  ['microseconds', 1e-3],
  ['nanoseconds', 1e-6],
] as const;

/** Shows an invalid time as read in another unit, or nothing. */
export function unitHint(value: unknown): string {
  if (typeof value !== 'number' && typeof value !== 'string') return '';
  if (value === '' || Number.isNaN(Number(value))) return '';
  const number = Number(value);
  const unit = otherUnits.find(([, factor]) => isPlausible(number * factor));
  if (unit === undefined) return '';
  return ` (as ${unit[0]} it is ${new Date(number * unit[1]).toISOString()})`;
}

/** An error about a field: its rule and the value seen. */
export function rule(field: string, text: string, value: unknown): string {
  return value === undefined
    ? `${field} is missing: it ${text}`
    : `${field} ${text}, got ${shown(JSON.stringify(value))}`;
}

const shownCharacters = 60;

/** The beginning of a text of a file, safe to print. */
export function shown(text: string): string {
  const start = visibleText(text.slice(0, shownCharacters));
  return text.length > shownCharacters ? `${start}…` : start;
}
