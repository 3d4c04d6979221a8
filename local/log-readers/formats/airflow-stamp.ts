import { visibleText } from '../../visible-text.ts';
import { isPlausible, plausibleRange } from '../report/read-report.ts';

/** How a line of an Airflow log starts. */
export type LineStart =
  /** A record with a time. */
  | { readonly kind: 'stamped'; readonly epochMs: number; readonly unknownZone?: string }
  /**
   * `json`: a record without a time, since MWAA removes the timestamp from Airflow 3's JSON lines.
   * `plain`: anything else. `unreadableTime` is a clause about a time that the line has but that
   * cannot be read: the time and the reason.
   */
  | { readonly kind: 'json' | 'plain'; readonly unreadableTime?: string };

/** Maximum length of a stamp and the escapes before it. */
const headCharacters = 400;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes of coloured service logs
const ansiEscapes = /\u001b\[[0-9;]*m/g;

/**
 * `[2024-07-06T12:34:20.495+0000]` (Airflow 2.3 and later), `[2023-04-14, 13:12:29 UTC]` (task logs
 * to 2.8), `[2023-03-22 14:52:37,546]` (services), `[INFO] - [2024-03-12T…]` (the
 * Scheduler of MWAA), `[2026-11-22 05:52:01 +0000]` (gunicorn),
 * `[2026-11-22 05:52:01,123: INFO/MainProcess]` (Celery), and `2026-05-06T01:00:14.610844Z [info ]`
 * (structlog, Airflow 3).
 */
const isoStamp =
  /^(?:\[(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL)\] - )?(?:\[(\d{4})-(\d\d)-(\d\d)(?:T|, ?| )(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?(?:\d\d)?|[A-Z]{2,5})?[\]:]|(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)? +\[[a-z]+ *\])/;

/**
 * `172.18.0.1 - admin [26/May/2021:10:35:50 +0000] "POST …`, with or without the address. Nothing
 * precedes the address: `webserver | 172.…` is another program's line that contains one.
 */
const accessLogStamp =
  /^(?:\[(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL)\] - )?(?:[\w.:%-]{0,60}(?:, ?[\w.:%-]{1,60}){0,9} - .{1,150}? )?\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\] "/;

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * Time zone abbreviations in task logs up to Airflow 2.8, in hours east of Greenwich. CST, IST and
 * BST are ambiguous: the zones of North America, India and Britain are assumed.
 */
const zoneHours: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  BST: 1,
  WEST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  IST: 5.5,
  SGT: 8,
  HKT: 8,
  JST: 9,
  KST: 9,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
};

/** Any stamp in brackets where an Airflow record has its time: the code location follows it. */
const unknownStamp = /^\[([^\]\n]{1,60})\] \{{1,2}[^}\s]{1,200}:\d+\}{1,2} /;

/**
 * Reads how a line starts, and its time.
 *
 * A stamp without a zone is read as UTC, in which MWAA runs; so is a stamp with an unknown
 * abbreviation, which is returned as `unknownZone`.
 */
export function readLineStart(line: string): LineStart {
  if (line.startsWith('{')) return readJsonStart(line);
  const common = commonNumbers(line);
  if (common !== undefined) return stamped(common, common[6] ?? 0, 'Z', line.slice(0, 30));
  const head = line.slice(0, headCharacters).replace(ansiEscapes, '');
  if (head.startsWith('{')) return readJsonStart(line.replace(ansiEscapes, ''));
  const iso = isoStamp.exec(head);
  if (iso) {
    const [, ...groups] = iso;
    const parts = groups[0] === undefined ? groups.slice(8) : groups.slice(0, 8);
    const [year, month, day, hour, minute, second, fraction = '', zone] = parts;
    const numbers = [year, month, day, hour, minute, second].map(Number);
    return stamped(numbers, Number(fraction.padEnd(3, '0').slice(0, 3)), zone, iso[0]);
  }
  const access = accessLogStamp.exec(head);
  if (access) {
    const [, day, monthName = '', year, hour, minute, second, zone] = access;
    const month = months.indexOf(monthName) + 1;
    return stamped([year, month, day, hour, minute, second].map(Number), 0, zone, access[0]);
  }
  const [, unknown] = unknownStamp.exec(head) ?? [];
  if (unknown === undefined) return { kind: 'plain' };
  return { kind: 'plain', ...unreadable(unknown, 'has an unknown format') };
}

/** The numbers of {@link commonForm}, by the places of their digits. */
const commonPlaces = [
  ...([
    [1, 5],
    [6, 8],
    [9, 11],
    [12, 14],
  ] as const),
  ...([
    [15, 17],
    [18, 20],
    [21, 24],
  ] as const),
];
const commonForm = '[    -  -  T  :  :  .   +0000]';

/**
 * The year, month, day, hour, minute, second and millisecond of `[2024-07-06T12:34:20.495+0000]`. Nearly all lines
 * of Airflow 2.3 and later begin so, and to find that out by a regexp took a third of reading them.
 */
function commonNumbers(line: string): number[] | undefined {
  for (let at = 0; at < commonForm.length; at += 1) {
    const expected = commonForm.charCodeAt(at);
    const code = line.charCodeAt(at);
    if (expected === 0x20 ? !(code >= 0x30 && code <= 0x39) : code !== expected) return undefined;
  }
  return commonPlaces.map(([from, to]) => {
    let number = 0;
    for (let at = from; at < to; at += 1) number = number * 10 + line.charCodeAt(at) - 0x30;
    return number;
  });
}

function unreadable(time: string, why: string): { readonly unreadableTime: string } {
  return { unreadableTime: `its time ${visibleText(time.slice(0, 60)).trim()} ${why}` };
}

/** Airflow 3: `{"timestamp":"2026-11-22T05:55:38.123456Z","event":…,"level":…}`. */
function readJsonStart(line: string): LineStart {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'plain' };
  }
  const { timestamp, event } = value as Record<string, unknown>;
  // An object without an event is not an Airflow record, even if it has a time.
  if (event === undefined) return { kind: 'plain' };
  if (timestamp === undefined) return { kind: 'json' };
  const epochMs = typeof timestamp === 'string' ? isoTime(timestamp) : Number.NaN;
  if (isPlausible(epochMs)) return { kind: 'stamped', epochMs };
  const why = Number.isNaN(epochMs) ? 'is not an ISO time' : outOfRange;
  return { kind: 'json', ...unreadable(JSON.stringify(timestamp), why) };
}

const outOfRange = `is not ${plausibleRange}`;

/** Reads a time without a zone as UTC; `Date.parse` would use the machine's zone. */
function isoTime(text: string): number {
  return Date.parse(/[Zz]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
}

function stamped(
  [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[],
  millisecond: number,
  zone: string | undefined,
  text: string,
): LineStart {
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  const date = new Date(local);
  // JavaScript rolls a nonexistent date over into another one.
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 60) {
    return { kind: 'plain', ...unreadable(text, 'does not exist') };
  }
  if (!isPlausible(local)) return { kind: 'plain', ...unreadable(text, outOfRange) };
  const hours = zone === undefined ? 0 : offsetHours(zone);
  if (hours === undefined) return { kind: 'stamped', epochMs: local, unknownZone: zone };
  return { kind: 'stamped', epochMs: local - hours * 3_600_000 };
}

function offsetHours(zone: string): number | undefined {
  const numeric = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (!numeric) return zoneHours[zone];
  const [, sign, hours, minutes = 0] = numeric;
  return (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60);
}
