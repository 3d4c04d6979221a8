import { LinearRegexp } from '../linear-regexp.ts';

/** FAB's tables: users, roles, groups and what binds them (flask_appbuilder.security.sqla.models). */
const table =
  'ab_(?:user(?:_role|_group)?|role|permission(?:_view(?:_role)?)?|view_menu|register_user|group(?:_role)?)';

/** What may stand between two words of SQL: space, its escapes in an echo, quotes, comments. */
const gap = String.raw`(?:[\s\\"'\x60\[(]|\\[nrt]|/\*(?s:.)*?\*/|--[^\n]*\n)`;

/**
 * A statement's beginning: at the start of a text or line, or behind what ends a statement or opens a
 * quotation, so that prose ("never UPDATE ab_user by hand") is none.
 */
const opening = String.raw`(?:\A|\\[nrt]|[\n;"'\x60(\[:=]|\*/|\b(?:as|then|begin|explain|analyze)\s)\s*`;

const write = `(?:insert${gap}+into|update|delete${gap}+from|merge${gap}+into|truncate|alter${gap}+table|drop${gap}+table|copy)`;

const modifier = '(?:table|only|if|exists|or|replace|overwrite)';

/** Database and schema, each perhaps in quotes, with spaces around the dots or without. */
const schema = String.raw`(?:\w+[\\"'\x60\]]*\s*\.\s*[\\"'\x60\[]*)*`;

// `ab_user$x` is another name, and COPY … TO reads the table.
const statement = new LinearRegexp(
  `${opening}${write}(?:${gap}+${modifier}\\b)*${gap}+${schema}(${table})\\b(\\$|${gap}+to\\b)?`,
  'i',
);

/** Tables of Airflow's metadata database that hold users, roles and permissions, as SQL writes them. */
export function tablesWritten(text: string): readonly string[] {
  if (!/ab_/i.test(text)) return [];
  const tables = new Set<string>();
  for (const { groups } of statement.matches(text)) {
    const [, name, excludes] = groups;
    if (name !== undefined && excludes === undefined) tables.add(name.toLowerCase());
  }
  return [...tables];
}
