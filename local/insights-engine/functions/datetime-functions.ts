import type { DurationLiteral, FieldReference } from '../../../query-language/syntax/ast.ts';
import type { QueryError } from '../../../query-language/syntax/query-error.ts';
import { number, sqlNumber, sqlString, text, time } from '../sql/values.ts';
import { type CallArguments, scalar } from './scalar-function.ts';

type Refuse = (rule: string) => QueryError;

/**
 * Checks a format of formatDate (AWS: "strftime-style"), and replaces the specifiers that DuckDB
 * cannot format for a time without a zone.
 */
function strftimeFormat(format: string, zoneName: string, refuse: Refuse): string {
  return format.replaceAll(/%(.?)/gsu, (specifier, letter: string) => {
    if (letter === 'z' || letter === 'Z') {
      if (zoneName !== 'UTC') throw refuse(`can have ${specifier} in UTC only`);
      return letter === 'z' ? '+0000' : 'UTC';
    }
    if (knownSpecifiers.includes(letter) && letter !== '') return specifier;
    throw refuse(
      `has the unknown specifier ${specifier}; known are %${[...knownSpecifiers].join(' %')}`,
    );
  });
}

const knownSpecifiers = 'aAbBcdfgHIjmMnpSuUVwWxXyY%';

/**
 * A pattern of parseDate (AWS: Java's DateTimeFormatter) as one of DuckDB's strptime.
 *
 * strptime accepts more than Java does: `MM` also accepts one digit.
 */
function javaDatePattern(
  pattern: string,
  refuse: Refuse,
): { readonly format: string; readonly hasOffset: boolean } {
  let hasOffset = false;
  const format = pattern.replaceAll(javaParts, (part, quoted: string | undefined) => {
    if (quoted !== undefined) return percentEscaped(quoted === '' ? "'" : quoted);
    if (!/^[A-Za-z]/.test(part)) return percentEscaped(part);
    const specifier = javaLetters.find(([letters]) => letters.test(part))?.[1];
    if (specifier === undefined) throw refuse(`has ${part}, which is not supported here`);
    hasOffset ||= specifier === '%z';
    return specifier;
  });
  return { format, hasOffset };
}

const javaParts = /'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+|'/gu;

function percentEscaped(text: string): string {
  return text.replaceAll('%', '%%');
}

const javaLetters: readonly (readonly [RegExp, string])[] = [
  [/^(?:yyyy|uuuu|y|u)$/, '%Y'],
  [/^(?:yy|uu)$/, '%y'],
  [/^(?:MM?|LL?)$/, '%m'],
  [/^MMM$/, '%b'],
  [/^MMMM$/, '%B'],
  [/^dd?$/, '%d'],
  [/^DDD$/, '%j'],
  [/^HH?$/, '%H'],
  [/^hh?$/, '%I'],
  [/^mm?$/, '%M'],
  [/^ss?$/, '%S'],
  [/^SSS$/, '%g'],
  [/^SSSSSS$/, '%f'],
  [/^a$/, '%p'],
  [/^E{1,3}$/, '%a'],
  [/^EEEE$/, '%A'],
  [/^(?:X{1,3}|x{1,3}|Z{1,3})$/, '%z'],
];

/** A period of bin, datefloor and dateceil: a length, or months, which have no fixed length. */
type Period = { readonly milliseconds: number } | { readonly months: number };

/**
 * The period of a duration. AWS caps the amount by the unit: `bin(300s)` is 60 s. The caps of days
 * and longer are not documented; none is applied.
 */
function periodOf({ amount, unit }: DurationLiteral): Period {
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

/** The length of a duration as written; undefined for months, which have no fixed length. */
export function millisecondsOf({ amount, unit }: DurationLiteral): number | undefined {
  const found = units.find(({ spelling }) => spelling.test(unit));
  return found?.months === undefined ? (found?.milliseconds ?? 0) * amount : undefined;
}

/**
 * SQL for the beginning of the period that contains a time. Periods are aligned to the Unix epoch,
 * so weeks begin on Thursday.
 */
function floorTo(time: string, period: Period, offsetMs: number): string {
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
function nextPeriod(floored: string, period: Period): string {
  if ('milliseconds' in period) return `(${floored} + ${period.milliseconds})`;
  return `epoch_ms(make_timestamp_ms(${floored}) + to_months(${period.months}))`;
}

/** AWS: "Datetime functions" of the functions page. */
export const datetimeFunctions = [
  scalar('bin', [1, 1], (args) => {
    const { scope } = args.context;
    const { span } = args.call;
    const timestamp: FieldReference = {
      kind: 'field',
      name: '@timestamp',
      path: ['@timestamp'],
      span,
    };
    const period = periodOf(args.duration(0));
    const at = args.named(scope.resolve(timestamp).sql);
    return time(floorTo(at, period, offsetOf(args)));
  }),
  scalar('datefloor', [2, 2], (args) => {
    const period = periodOf(args.duration(1));
    return time(floorTo(args.named(args.time(0)), period, offsetOf(args)));
  }),
  scalar('dateceil', [2, 2], (args) => {
    const at = args.named(args.time(0));
    const period = periodOf(args.duration(1));
    const floored = args.named(floorTo(at, period, offsetOf(args)));
    return time(`CASE WHEN ${floored} = ${at} THEN ${at} ELSE ${nextPeriod(floored, period)} END`);
  }),
  scalar('fromMillis', [1, 1], (args) => time(args.time(0))),
  scalar('toMillis', [1, 1], (args) => number(args.number(0))),
  scalar('now', [0, 0], ({ context }) => number(sqlNumber(Math.floor(context.nowEpochMs / 1000)))),
  scalar('parseDate', [2, 3], (args) => {
    const { format, hasOffset } = javaDatePattern(args.constantText(1), (rule) =>
      args.failure(1, rule),
    );
    const parsed = `try_strptime(${args.text(0)}, ${sqlString(format)})`;
    // With an offset in the text, the result already is an instant.
    const instant = hasOffset ? parsed : `timezone(${zone(args)}, ${parsed})`;
    return number(`CAST(epoch_ms(${instant}) AS DOUBLE)`);
  }),
  ...['formatDate', 'strftime'].map((name) =>
    scalar(name, [2, 3], (args) => {
      const zoneName = args.has(2) ? args.constantText(2) : 'UTC';
      const format = strftimeFormat(args.constantText(1), zoneName, (rule) =>
        args.failure(1, rule),
      );
      const utc = `timezone('UTC', make_timestamp_ms(${args.time(0)}))`;
      return text(`strftime(timezone(${zone(args)}, ${utc}), ${sqlString(format)})`);
    }),
  ),
  scalar('queryStartTime', [0, 0], ({ context }) => number(sqlNumber(context.startEpochMs))),
  // The last millisecond that the query reads; AWS does not document its result to the millisecond.
  scalar('queryEndTime', [0, 0], ({ context }) => number(sqlNumber(context.endEpochMs))),
  scalar('queryTimeRange', [0, 0], ({ context }) =>
    number(sqlNumber(context.endEpochMs - context.startEpochMs)),
  ),
];

function offsetOf(args: CallArguments): number {
  const { offset } = args.call;
  if (offset === undefined) return 0;
  const period = periodOf(offset);
  // An offset needs a length; AWS documents none longer than days.
  return 'milliseconds' in period ? period.milliseconds : period.months * 30 * 86_400_000;
}

/** The time zone in argument 3, by default UTC. */
function zone(args: CallArguments): string {
  if (!args.has(2)) return "'UTC'";
  const name = args.constantText(2);
  if (!/^(?:UTC|GMT|[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+)$/.test(name) || !isTimeZone(name)) {
    throw args.failure(2, 'must be a time zone such as UTC or Europe/Berlin');
  }
  return sqlString(name);
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
