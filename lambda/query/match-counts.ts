/** The counts of the documented query that can be read, and why the others cannot. */
interface MatchCounts {
  readonly counts: ReadonlyMap<string, number>;
  /** By log group, why its count is not known, without log text. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/**
 * The counts of a `stats count() by @log` query for each log group that it scanned.
 *
 * Logs Insights returns no row for a group without a match, so a scanned group without a row counts
 * as zero. A malformed row makes the count of its own log group unreadable. One that names no
 * scanned group makes the counts of all groups without a row unreadable, since it may belong to any
 * of them: a zero must be certain.
 *
 * @param rows as GetQueryResults gives them, unchecked
 * @param isCutOff whether there are more rows than these, so that a missing row does not mean zero
 */
export function countMatches(
  rows: readonly unknown[],
  scannedLogGroups: readonly string[],
  isCutOff = false,
): MatchCounts {
  const counts = new Map<string, number>();
  const unreadable = new Map<string, string>();
  let stray = isCutOff ? 'comes from an answer that was cut off' : undefined;
  for (const row of rows) {
    const { logGroup, count, problem } = readCountRow(row);
    if (logGroup === undefined) stray ??= problem;
    else if (!scannedLogGroups.includes(logGroup)) {
      stray ??= 'belongs to a log group that was not queried';
    } else if (counts.has(logGroup))
      unreadable.set(logGroup, 'is not the only row of its log group');
    else if (count === undefined) unreadable.set(logGroup, problem);
    else counts.set(logGroup, count);
  }
  for (const logGroup of scannedLogGroups) {
    if (unreadable.has(logGroup)) counts.delete(logGroup);
    else if (!counts.has(logGroup)) {
      if (stray === undefined) counts.set(logGroup, 0);
      else unreadable.set(logGroup, stray);
    }
  }
  return { counts, unreadable };
}

interface CountRow {
  readonly logGroup?: string;
  readonly count?: number;
  readonly problem: string;
}

function readCountRow(row: unknown): CountRow {
  const cells = (Array.isArray(row) ? row : []).map((cell: unknown) =>
    typeof cell === 'object' && cell !== null
      ? { field: Reflect.get(cell, 'field'), value: Reflect.get(cell, 'value') }
      : { field: undefined, value: undefined },
  );
  const logs = cells.filter(({ field }) => field === '@log');
  const [log] = logs;
  if (logs.length !== 1 || typeof log?.value !== 'string') {
    return { problem: 'does not name one log group' };
  }
  const logGroup = logGroupOfLogField(log.value);
  // The column is named as the query spells it: `count()`, `count(*)` or an alias.
  const [counted, ...more] = cells.filter(({ field }) => field !== '@log' && field !== '@ptr');
  if (counted === undefined || more.length > 0) {
    return { logGroup, problem: 'is not one @log and one count' };
  }
  const text = typeof counted.value === 'number' ? String(counted.value) : counted.value;
  const count = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) && count >= 0
    ? { logGroup, count, problem: '' }
    : { logGroup, problem: 'has a count that is not a whole number' };
}

/**
 * The log group that `@log` names: `<account>:<log group>`, or the name alone, or an ARN, each with
 * or without a trailing `:*`. A log group's name cannot contain a colon.
 */
export function logGroupOfLogField(log: string): string {
  const name = log.endsWith(':*') ? log.slice(0, -2) : log;
  return name.slice(name.lastIndexOf(':') + 1);
}

const dateTime =
  /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const decimal = /^\d{1,19}(?:\.\d{1,18})?(?:e\+?\d{1,2})?$/i;

/** The unit of an epoch number follows from its size; in between they are milliseconds. */
const secondsBelow = 1e11;
const microsecondsFrom = 1e14;
const nanosecondsFrom = 1e17;

/**
 * The time in a cell of a result row, in whole epoch milliseconds.
 *
 * AWS writes `2026-03-01 09:00:00.123`, in UTC. Also accepted: no fraction or one of up to nine
 * digits, ISO 8601 with `T` and with `Z` or an offset, and epoch seconds, milliseconds,
 * microseconds or nanoseconds, distinguished by their size.
 *
 * @returns undefined for a text that is not a time
 */
export function readResultTime(text: string): number | undefined {
  const trimmed = text.trim();
  const written = dateTime.exec(trimmed);
  if (written !== null) {
    const [, date, time, fraction = '', zone = 'Z'] = written;
    const offset = /^(?:Z|UTC)$/i.test(zone) ? 'Z' : zone;
    const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
    return wholeTime(Date.parse(`${date}T${time}.${milliseconds}${offset}`));
  }
  return decimal.test(trimmed) ? wholeTime(epochMilliseconds(Number(trimmed))) : undefined;
}

function epochMilliseconds(number: number): number {
  if (number < secondsBelow) return number * 1000;
  if (number < microsecondsFrom) return number;
  return number < nanosecondsFrom ? number / 1000 : number / 1_000_000;
}

function wholeTime(epochMs: number): number | undefined {
  const whole = Math.floor(epochMs);
  return Number.isSafeInteger(whole) && !Number.isNaN(new Date(whole).getTime())
    ? whole
    : undefined;
}
