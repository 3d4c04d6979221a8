import { asNumber, asText, isNumeric, type Naming, type Value } from './values.ts';

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
