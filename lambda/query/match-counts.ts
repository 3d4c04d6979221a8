/** The counts of the documented query that can be read, and why the others cannot. */
export interface MatchCounts {
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
