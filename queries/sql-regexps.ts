import { metadataTables } from '../lambda/findings/metadata-tables.ts';

/** What may stand between two words of SQL in a text of any kind: space, escapes, quotes, comments. */
const looseGap = String.raw`(?:[\s\\"'\x60\[(]|\\[nrt]|/\*(?s:.)*?\*/|--[^\n]*\n)`;
/** The same where comments and quotes are gone. */
const sqlGap = String.raw`[\s(]`;

/**
 * Where a statement begins in a text of any kind: at its start or a line's, or behind what ends a
 * statement or opens a quotation, so that prose is none.
 */
const looseOpening = String.raw`(?:\A|\\[nrt]|[\n;"'\x60(\[:=)$]|\*/|>>|\b(?:as|then|begin|analy[zs]e(?:\s+verbose)?|instead|also|else|loop|atomic)\s)[\s\\]*`;
/** In SQL a word that writes is one wherever it stands: `FOR UPDATE OF` and the like name no table after it. */
const sqlOpening = String.raw`(?:\A|[^\w$])`;

/** What the secrets masker left of a statement's first word counts where a statement begins. */
const sqlBeginning = String.raw`(?:\A|[;()])\s*`;

/**
 * A statement that writes; `lambda/findings/sql-regexps.ts` says what its groups are.
 *
 * @param beginning where a statement begins for certain
 */
function statementRegexp(opening: string, beginning: string, gap: string): string {
  // A name may be masked in part, or be put in: by format(), Python, psql's variables.
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
    // COPY (DELETE … RETURNING *) TO: what stands in the parentheses is a statement of its own.
    String.raw`copy[\s\\"'\x60]+`,
  ].join('|');
  const maskedWrites = `${masked}${gap}+(?:(?:into|from|table)${gap}+)?${only}`;
  return `(?i)${opening}(?:${rename}|(?:${others})${gap}+(${table})|(${writes})(${list}))|${beginning}(${maskedWrites})(${list})|${beginning}(${masked}[\\w.]*)`;
}

/**
 * Values that are no more than values: numbers, what stands where a string stood, what a driver fills in.
 * A call could run a string, and so could an operator or a cast of somebody's own.
 */
const value = String.raw`(?:[\s\d.,()+-]|\b(?:null|true|false|default|current_timestamp)\b|\bnow\s*\(\s*\)|::\s*(?:text|varchar|jsonb?|int|bigint)\b|%s|%\(\w+\)s|\$\d+)*`;
const names = String.raw`[\w.]+(?:\s*\.\s*\w+)*\s*(?:\([\w\s,]*\)\s*)?`;
const insert = String.raw`insert\s+into\s+${names}values\s*\(${value}(?:on\s+conflict\s+do\s+nothing\s*)?`;
const others = String.raw`(?:update\s|delete\s+from\s|comment\s+on\s)[\w\s.,=<>$:%-]*`;
/** A statement, its strings taken out, that stores or compares. */
const storing = String.raw`(?i)\A\s*(?:${insert}|${others})\z`;

/**
 * The regexps by which the function reads SQL, in RE2's syntax, by their names in
 * `lambda/findings/sql-programs.ts`: `npm run programs` writes that file when one of these has changed.
 */
export const sqlRegexps = {
  /** In a text of any kind. */
  statementInText: statementRegexp(looseOpening, looseOpening, looseGap),
  /** In SQL without its strings and comments. */
  statementInSql: statementRegexp(sqlOpening, sqlBeginning, sqlGap),
  storing,
} as const;
