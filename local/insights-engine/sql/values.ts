/**
 * The static types of the engine's SQL, and the coercions between them.
 *
 * Logs Insights has no declared types: values are strings, read as numbers where a number is
 * needed. Each expression still has one representation in SQL:
 *
 * - `text` VARCHAR, `number` DOUBLE, `boolean` BOOLEAN (shown as 1 and 0),
 * - `time` BIGINT, epoch milliseconds: shown as a date, a number everywhere else,
 * - `json` VARCHAR with valid JSON of any kind: a discovered field, jsonParse and its parts;
 *   never the text `null`, which is SQL's NULL,
 * - `list` VARCHAR with a JSON array: split, values, topk. Not for unnest.
 */
type ValueType = 'text' | 'number' | 'boolean' | 'time' | 'json' | 'list';

export interface Value {
  readonly sql: string;
  readonly type: ValueType;
}

/** Names an expression, so that SQL can use it twice without repeating it. */
export type Naming = (sql: string) => string;

export const text = (sql: string): Value => ({ sql, type: 'text' });
export const number = (sql: string): Value => ({ sql, type: 'number' });
export const boolean = (sql: string): Value => ({ sql, type: 'boolean' });
export const time = (sql: string): Value => ({ sql, type: 'time' });
export const json = (sql: string): Value => ({ sql, type: 'json' });
export const list = (sql: string): Value => ({ sql, type: 'list' });

/** The value of a field that no event has. */
export const missing: Value = text('CAST(NULL AS VARCHAR)');

/**
 * A query's text as a SQL literal. DuckDB's plain literals have no escape but the doubled quote,
 * and cannot contain NUL.
 */
export function sqlString(value: string): string {
  const pieces = value
    .toWellFormed()
    .split('\0')
    .map((piece) => `'${piece.replaceAll("'", "''")}'`);
  // Not joined by `||`: DuckDB nests that as deep as there are pieces.
  return pieces.length === 1 ? `${pieces[0]}` : `concat_ws(chr(0), ${pieces.join(', ')})`;
}

/** A number as DOUBLE: DuckDB reads `0.1` as a decimal, `0.1e0` as a double. */
export function sqlNumber(value: number): string {
  const digits = String(value);
  return digits.includes('e') ? digits : `${digits}e0`;
}

/** The range of dates that can be shown: years 1 to 9999. */
const minEpochMs = -62_135_596_800_000;
const maxEpochMs = 253_402_300_799_999;

/** Whether the SQL value is a number without a conversion that could fail. */
export function isNumeric({ type }: Value): boolean {
  return type === 'number' || type === 'boolean' || type === 'time';
}

export function asText(value: Value, name: Naming): string {
  const { sql } = value;
  switch (value.type) {
    case 'text':
      return sql;
    case 'number':
      return numberAsText(name(sql));
    case 'boolean':
      return `CAST(CAST(${sql} AS INTEGER) AS VARCHAR)`;
    case 'time':
      return `strftime(make_timestamp_ms(${sql}), '%Y-%m-%d %H:%M:%S.%g')`;
    case 'json':
      return scalarAsText(name(sql), 'NULL');
    case 'list':
      return 'CAST(NULL AS VARCHAR)';
  }
}

/** As a cell of the result: like text, but structures appear as JSON instead of missing. */
export function asShown(value: Value, name: Naming): string {
  if (value.type === 'list') return value.sql;
  if (value.type !== 'json') return asText(value, name);
  const sql = name(value.sql);
  return scalarAsText(sql, sql);
}

export function asNumber(value: Value, name: Naming): string {
  switch (value.type) {
    case 'number':
      return value.sql;
    case 'boolean':
    case 'time':
      return `CAST(${value.sql} AS DOUBLE)`;
    default:
      // TRY_CAST alone would accept 'inf', '1_000' and '12 '.
      return `TRY_CAST(regexp_extract(${asText(value, name)}, ${numberPattern}) AS DOUBLE)`;
  }
}

/**
 * As a condition. AWS documents only boolean values; here a number is true when it is not 0, and
 * text when it is `true` or such a number.
 */
export function asBoolean(value: Value, name: Naming): string {
  switch (value.type) {
    case 'boolean':
      return value.sql;
    case 'number':
    case 'time':
      return `(${value.sql} <> 0)`;
    default:
      return `regexp_matches(${asText(value, name)}, ${truePattern})`;
  }
}

/** As epoch milliseconds; numbers outside of the years 1 to 9999 are missing. */
export function asTime(value: Value, name: Naming): string {
  if (value.type === 'time') return value.sql;
  const sql = name(`floor(${asNumber(value, name)})`);
  return `CASE WHEN ${sql} BETWEEN ${minEpochMs} AND ${maxEpochMs} THEN CAST(${sql} AS BIGINT) END`;
}

/** As JSON structure: text is parsed, anything but a map or list is missing. */
export function asStructure(value: Value, name: Naming): string {
  switch (value.type) {
    case 'json':
    case 'text': {
      const source = name(
        value.type === 'text' ? value.sql : scalarAsText(name(value.sql), name(value.sql)),
      );
      const opening = `left(ltrim(${source}, ${jsonBlanks}), 1)`;
      // CASE, because json() of invalid text fails the whole query.
      return `CASE WHEN ${opening} IN ('{', '[') AND json_valid(${source}) THEN CAST(json(${source}) AS VARCHAR) END`;
    }
    case 'list':
      return value.sql;
    default:
      return 'CAST(NULL AS VARCHAR)';
  }
}

/** Whether a JSON value is a map or a list. */
export function isStructure(sql: string): string {
  return `left(${sql}, 1) IN ('{', '[')`;
}

/** The common type of several values, as in coalesce and if. */
export function commonType(values: readonly Value[]): ValueType {
  const known = values.filter((value) => value !== missing);
  const types = new Set(known.map((value) => value.type));
  const [only] = types;
  if (types.size === 1 && only !== undefined) return only;
  return known.length > 0 && known.every(isNumeric) ? 'number' : 'text';
}

export function convert(value: Value, type: ValueType, name: Naming): string {
  switch (type) {
    case 'text':
      return asText(value, name);
    case 'number':
      return asNumber(value, name);
    case 'boolean':
      return asBoolean(value, name);
    case 'time':
      return asTime(value, name);
    default:
      return value.sql;
  }
}

/** Digits, an optional fraction and exponent, and nothing else. */
const numberPattern = String.raw`'\A[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\z'`;

const truePattern = String.raw`'\A(?:(?i:true)|[-+]?(?:0*[1-9]\d*\.?\d*|\d*\.\d*[1-9]\d*)(?:[eE][-+]?\d+)?)\z'`;

const jsonBlanks = "' ' || chr(9) || chr(10) || chr(13)";

/**
 * All digits and no exponent: `5`, not `5.0`; infinite and undefined results are missing. How AWS
 * rounds is not documented.
 */
function numberAsText(sql: string): string {
  const whole = `CASE WHEN abs(${sql}) < 1e15 THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE format('{:.0f}', ${sql}) END`;
  const small = `rtrim(CAST(CAST(${sql} AS DECIMAL(38, 20)) AS VARCHAR), '0')`;
  return (
    `CASE WHEN NOT isfinite(${sql}) THEN NULL WHEN ${sql} = trunc(${sql}) THEN ${whole} ` +
    `WHEN abs(${sql}) >= 1e-4 OR abs(${sql}) < 1e-18 THEN CAST(${sql} AS VARCHAR) ELSE ${small} END`
  );
}

/** JSON's true and false become 1 and 0, as in field discovery. */
function scalarAsText(sql: string, structure: string): string {
  return (
    `CASE left(${sql}, 1) WHEN '"' THEN json_extract_string(${sql}, '$') ` +
    `WHEN 't' THEN '1' WHEN 'f' THEN '0' WHEN '{' THEN ${structure} WHEN '[' THEN ${structure} ` +
    `ELSE ${sql} END`
  );
}

/**
 * SQL that sorts as AWS documents `sort`: non-numbers before numbers; numbers by value; in other
 * text runs of digits by length, then value, everything else by code point.
 *
 * @returns the keys from most to least significant, all to sort in the same direction.
 */
export function naturalSortKeys(value: Value, name: Naming): readonly string[] {
  if (isNumeric(value)) return [value.sql];
  const text = name(asText(value, name));
  const number = name(asNumber({ sql: text, type: 'text' }, name));
  return [
    `CASE WHEN ${text} IS NOT NULL THEN ${number} IS NOT NULL END`,
    number,
    // Among equal numbers, `01` comes before `1`, as in AWS's example.
    `CASE WHEN ${number} IS NOT NULL THEN ${text} ELSE ${naturalText(text)} END`,
  ];
}

/** Text in which each run of digits is prefixed with its length. */
function naturalText(text: string): string {
  const runs = `regexp_extract_all(${text}, '[0-9]+|[^0-9]+')`;
  const keyed = `CASE WHEN run >= '0' AND run < ':' THEN printf('0%09d', length(run)) || run ELSE run END`;
  return `array_to_string(list_transform(${runs}, lambda run: ${keyed}), '')`;
}
