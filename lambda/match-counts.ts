/** A row as GetQueryResults gives it: every value is a string. */
type CountRow = readonly {
  readonly field?: string | undefined;
  readonly value?: string | undefined;
}[];

/**
 * The counts of a `stats count() by @log` query for each log group that it scanned.
 *
 * Logs Insights gives no row to a group without a match, so every scanned group starts at an
 * explicit zero.
 *
 * @throws Error for a row that such a query cannot give: anything unexpected in a result that
 *   alarms hang on is a reason to stop, never one to skip the row
 */
export function countMatches(
  rows: readonly CountRow[],
  scannedLogGroups: readonly string[],
): Map<string, number> {
  const counts = new Map(scannedLogGroups.map((logGroup) => [logGroup, 0]));
  const counted = new Set<string>();
  for (const row of rows) {
    const { logGroup, count } = parseRow(row);
    if (!counts.has(logGroup)) {
      throw new Error(`result row for log group "${logGroup}", which was not asked for`);
    }
    if (counted.has(logGroup)) {
      throw new Error(`more than one result row for log group "${logGroup}"`);
    }
    counted.add(logGroup);
    counts.set(logGroup, count);
  }
  return counts;
}

function parseRow(row: CountRow): { logGroup: string; count: number } {
  const [log, ...otherLogs] = row.filter(({ field }) => field === '@log');
  // The column is named as the query spells it: `count()`, `count(*)` or an alias.
  const [countField, ...otherCounts] = row.filter(({ field }) => field !== '@log');
  if (
    log?.value === undefined ||
    countField === undefined ||
    otherLogs.length > 0 ||
    otherCounts.length > 0
  ) {
    throw new Error(`result row is not one @log and one count: ${JSON.stringify(row)}`);
  }
  const count = countField.value?.trim() ? Number(countField.value) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new Error(`result row's count is not a whole number: ${JSON.stringify(row)}`);
  }
  return { logGroup: logGroupOfLogField(log.value), count };
}

/**
 * `@log` is `<account>:<log group>`; a log group's name cannot hold a colon.
 *
 * A value without a colon is returned as it is.
 */
export function logGroupOfLogField(log: string): string {
  return log.slice(log.indexOf(':') + 1);
}
