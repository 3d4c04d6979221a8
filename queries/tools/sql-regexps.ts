import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { metadataTables } from '../../lambda/sql/sql-regexps.ts';
import { regexpProgram } from './compile-regexp.ts';

/** Text between two SQL words in any kind of text: space, escapes, quotes, comments. */
const looseGap = String.raw`(?:[\s\\"'\x60\[(]|\\[nrt]|/\*(?s:.)*?\*/|--[^\n]*\n)`;
/** The same in SQL without comments and quotes. */
const sqlGap = String.raw`[\s(]`;

/**
 * Where a statement can begin in any kind of text: at its start, at the start of a line, or after
 * the end of a statement or an opening quote, which excludes prose.
 */
const looseOpening = String.raw`(?:\A|\\[nrt]|[\n;"'\x60(\[:=)$]|\*/|>>|\b(?:as|then|begin|analy[zs]e(?:\s+verbose)?|instead|also|else|loop|atomic)\s)[\s\\]*`;
/** In SQL, a writing verb counts anywhere: no table name follows `FOR UPDATE OF` and the like. */
const sqlOpening = String.raw`(?:\A|[^\w$])`;

/** A masked first word counts only at the beginning of a statement. */
const sqlBeginning = String.raw`(?:\A|[;()])\s*`;

/**
 * A statement that writes; `lambda/sql/sql-regexps.ts` documents its groups.
 *
 * @param beginning a certain beginning of a statement
 */
function statementRegexp(opening: string, beginning: string, gap: string): string {
  // A name may be partly masked, or inserted by format(), Python or psql's variables.
  const part = String.raw`(?:[\w$]|\*{3}|%(?:\d\$)?[Is]|%\(\w+\)s|\{[^{}\s]{0,40}\}|:\w+)+`;
  const quotes = String.raw`[\\"'\x60\[\]]*`;
  const name = String.raw`(?:${part}${quotes}\s*\.\s*${quotes})*${part}`;
  const list = `${quotes}${name}(?:[*]?${quotes}\\s*,\\s*${quotes}(?:only${gap}+)?${name})*`;
  const table = `${quotes}(?:\\w+${quotes}\\s*\\.\\s*${quotes})?(?:${metadataTables.join('|')})\\b`;
  const masked = String.raw`\*{3}`;
  const only = `(?:only${gap}+)?`;
  const into = `(?:into|${masked})(?:${gap}+table)?${gap}+${only}`;
  const alter = `alter${gap}+table(?:${gap}+if${gap}+exists)?${gap}+${only}`;
  const rename = `${alter}(${list})\\b[^;]*?\\brename${gap}+to${gap}+(${table})`;
  const others = [
    `(?:create|drop|alter)${gap}+(?:or${gap}+replace${gap}+)?(?:constraint${gap}+)?(?:trigger|rule|policy)\\b[^;]*?\\b(?:on|to)`,
    `grant\\b[^;]*?\\b(?:insert|update|delete|truncate|trigger|all)\\b[^;]*?\\bon(?:${gap}+table)?`,
  ].join('|');
  const writes = [
    `insert(?:${gap}+(?:ignore|low_priority|delayed|high_priority|overwrite|or${gap}+\\w+))*${gap}+(?:${into})?`,
    `replace${gap}+${into}`,
    `update(?:${gap}+(?:ignore|low_priority|or${gap}+\\w+))*${gap}+${only}`,
    `delete${gap}+(?:from|${masked})${gap}+${only}`,
    `merge${gap}+${into}`,
    `truncate(?:${gap}+table)?${gap}+${only}`,
    `${alter}|drop${gap}+table(?:${gap}+if${gap}+exists)?${gap}+`,
    // COPY (DELETE … RETURNING *) TO: the parentheses contain a separate statement.
    String.raw`copy[\s\\"'\x60]+`,
  ].join('|');
  const maskedWrites = `${masked}${gap}+(?:(?:into|from|table)${gap}+)?${only}`;
  return `(?i)${opening}(?:${rename}|(?:${others})${gap}+(${table})|(${writes})(${list}))|${beginning}(${maskedWrites})(${list})|${beginning}(${masked}[\\w.]*)`;
}

/**
 * Plain values: numbers, the placeholder of a removed string, a driver's parameters. Not calls,
 * operators or casts, which could be user-defined and run a string.
 */
const value = String.raw`(?:[\s\d.,()+-]|\b(?:null|true|false|default|current_timestamp)\b|\bnow\s*\(\s*\)|::\s*(?:text|varchar|jsonb?|int|bigint)\b|%s|%\(\w+\)s|\$\d+)*`;
const names = String.raw`[\w.]+(?:\s*\.\s*\w+)*\s*(?:\([\w\s,]*\)\s*)?`;
const insert = String.raw`insert\s+into\s+${names}values\s*\(${value}(?:on\s+conflict\s+do\s+nothing\s*)?`;
const others = String.raw`(?:update\s|delete\s+from\s|comment\s+on\s)[\w\s.,=<>$:%-]*`;
/** A statement without its strings that stores or compares. */
const storing = String.raw`(?i)\A\s*(?:${insert}|${others})\z`;

/**
 * The regexps with which the function reads SQL, in RE2's syntax, by their names in
 * `lambda/sql/sql-programs.ts`. Run `npm run programs` to write that file after a change.
 */
export const sqlRegexps = {
  /** In any kind of text. */
  statementInText: statementRegexp(looseOpening, looseOpening, looseGap),
  /** In SQL without its strings and comments. */
  statementInSql: statementRegexp(sqlOpening, sqlBeginning, sqlGap),
  storing,
} as const;

/** The source text of the function's file of SQL programs, written by `npm run programs`. */
function sqlProgramsText(): string {
  const lines = Object.entries(sqlRegexps).map(([name, source]) => {
    const packed = deflateRawSync(Buffer.from(regexpProgram(source), 'base64'), { level: 9 });
    return `  ${name}:\n    '${packed.toString('base64')}',\n`;
  });
  return [
    '/** Written by `npm run programs` from queries/tools/sql-regexps.ts, which says what each finds. */\n',
    `export const sqlPrograms = {\n${lines.join('')}} as const;\n`,
  ].join('');
}

if (import.meta.main) {
  const file = fileURLToPath(new URL('../../lambda/sql/sql-programs.ts', import.meta.url));
  writeFileSync(file, sqlProgramsText());
}
