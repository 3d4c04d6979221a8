import type { DurationLiteral } from '../../../query-language/syntax/ast.ts';

/** A period of bin, datefloor and dateceil: a length, or months, which have no fixed length. */
export type Period = { readonly milliseconds: number } | { readonly months: number };

/**
 * The period of a duration. AWS caps the amount by the unit: `bin(300s)` is 60 s. The caps of days
 * and longer are not documented; none is applied.
 */
export function periodOf({ amount, unit }: DurationLiteral): Period {
  const found = units.find(({ spelling }) => spelling.test(unit));
  if (found === undefined) throw new RangeError(`no unit of time: ${unit}`);
  const { milliseconds, months, cap } = found;
  const capped = Math.min(amount, cap);
  return months === undefined
    ? { milliseconds: milliseconds * capped }
    : { months: months * capped };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

interface Unit {
  readonly spelling: RegExp;
  readonly milliseconds: number;
  readonly months?: number;
  readonly cap: number;
}

/** Longer than any log: keeps the arithmetic within 64 bits. */
const most = 10_000;

const units: readonly Unit[] = [
  { spelling: /^(?:ms|msecs?|milliseconds?)$/, milliseconds: 1, cap: 1000 },
  { spelling: /^(?:s|secs?|seconds?)$/, milliseconds: second, cap: 60 },
  { spelling: /^(?:m|mins?|minutes?)$/, milliseconds: minute, cap: 60 },
  { spelling: /^(?:h|hrs?|hours?)$/, milliseconds: hour, cap: 24 },
  { spelling: /^(?:d|days?)$/, milliseconds: day, cap: most },
  { spelling: /^(?:w|weeks?)$/, milliseconds: 7 * day, cap: most },
  { spelling: /^(?:mo|mons?|months?)$/, milliseconds: 0, months: 1, cap: most },
  { spelling: /^(?:q|qtrs?|quarters?)$/, milliseconds: 0, months: 3, cap: most },
  { spelling: /^(?:y|yrs?|years?)$/, milliseconds: 0, months: 12, cap: 1000 },
];

/**
 * SQL for the beginning of the period that contains a time. Periods are aligned to the Unix epoch,
 * so weeks begin on Thursday.
 */
export function floorTo(time: string, period: Period, offsetMs: number): string {
  const shifted = offsetMs === 0 ? time : `(${time} - ${offsetMs})`;
  const floored = floorSql(shifted, period);
  return offsetMs === 0 ? floored : `(${floored} + ${offsetMs})`;
}

function floorSql(time: string, period: Period): string {
  if ('milliseconds' in period) {
    const { milliseconds } = period;
    // In SQL, the remainder of a time before 1970 is negative.
    return `(${time} - ((${time} % ${milliseconds}) + ${milliseconds}) % ${milliseconds})`;
  }
  const at = `make_timestamp_ms(${time})`;
  const months = `((year(${at}) - 1970) * 12 + month(${at}) - 1)`;
  return monthStart(
    `(${months} - ((${months} % ${period.months}) + ${period.months}) % ${period.months})`,
  );
}

function monthStart(monthsSince1970: string): string {
  return `epoch_ms(TIMESTAMP '1970-01-01' + to_months(CAST(${monthsSince1970} AS INTEGER)))`;
}

/** SQL for the beginning of the next period after one that begins at a time. */
export function nextPeriod(floored: string, period: Period): string {
  if ('milliseconds' in period) return `(${floored} + ${period.milliseconds})`;
  return `epoch_ms(make_timestamp_ms(${floored}) + to_months(${period.months}))`;
}
