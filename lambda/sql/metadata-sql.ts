import type { LinearRegexp } from '../regexp/linear-regexp.ts';
import { canBe, mask } from '../text/log-text.ts';
import { metadataTables, statementInSql, statementInText, storing } from './sql-regexps.ts';
import { readSql, type SqlReading, type SqlStatement } from './sql-text.ts';

/** A cheap first test that matches every text that {@link storedStatements} accepts. */
const mayStore = /^\s{0,100}(?:insert\s+into|update|delete\s+from|comment\s+on)\s/i;

/** Names of tables whose rows something may run. */
const runnable =
  /cron|job|sched|queue|task|command|cmd|event|trigger|run|exec|script|hook|action|outbox/i;

/** What a database hook logs after its statement. */
const parameters = ', parameters: ';

/**
 * The statements of a text, if all of them only store their strings or compare with them: `INSERT
 * INTO audit VALUES ('DELETE FROM ab_user')` deletes nobody.
 *
 * @returns undefined if a statement may run a string, or the text may be read in another way
 */
export function storedStatements(text: string): readonly SqlStatement[] | undefined {
  if (!mayStore.test(text)) return undefined;
  const end = text.lastIndexOf(parameters);
  const { statements, isCertain } = readSql(end < 0 ? text : text.slice(0, end));
  if (!isCertain) return undefined;
  const isStored = statements.every(
    (statement) =>
      statement.text.trim() === '' ||
      (storing().test(statement.text) && !runnable.test(statement.text)),
  );
  return isStored ? statements : undefined;
}

/** What turns a string, or rows, into statements. */
const makesStatements = /gexec|\b(?:execute|do|call|perform|eval|prepare)\b|dblink|_to_xml|\|/i;

/**
 * Removes from a script the texts that it only stores, unless something in it turns texts into
 * statements.
 */
export function withoutStored(script: string, stored: ReadonlySet<string>): string {
  if (stored.size === 0 || makesStatements.test(script)) return script;
  let rest = script;
  for (const text of stored) rest = rest.replaceAll(text, ' ');
  return rest;
}

/**
 * The tables of users, roles and permissions that a text writes, in the order in which it names
 * them: `ab_user_role`, or a partly masked name unchanged, `ab_***_role`.
 *
 * Statements that read, and EXPLAIN without ANALYZE, write nothing. A name with a schema counts if
 * the schema may be Airflow's: PostgreSQL, the database of Amazon MWAA, cannot reach other
 * databases, so that only `public` and names that mention Airflow, MWAA or metadata can be;
 * `crm.ab_user` and `superset.public.ab_user` belong to other products. A string that a statement
 * only stores is not read.
 *
 * Linear in the text's length.
 *
 * @param options.isSql whether the text is nothing but SQL, as a database hook's statement;
 *   otherwise SQL is searched for wherever a statement may begin, and prose (`never UPDATE
 *   ab_user`) does not count
 */
export function tablesWritten(
  text: string,
  { isSql = false }: { readonly isSql?: boolean } = {},
): readonly string[] {
  if (!mayNameTable(text) || !mayWrite.test(text)) return [];
  const found = new Set<string>();
  const stored = storedStatements(text);
  if (stored !== undefined) {
    for (const statement of stored) addMatches(found, statement.text, statementInSql());
    return [...found];
  }
  const reading = isSql || hasHiddenText.test(text) ? readSql(text) : undefined;
  const certain = isSql && reading?.isCertain === true;
  if (reading !== undefined)
    addFromSql(found, reading, isSql ? statementInSql() : statementInText());
  if (!certain)
    for (const variant of looseVariants(text)) addMatches(found, variant, statementInText());
  if (found.delete(unknownName)) for (const name of namedAlone(text)) found.add(name);
  return [...found];
}

/**
 * The tables of one signal as its object: a statement is one change, however many tables it writes.
 */
export const joinTables = (names: readonly string[]): string => names.join(', ');
export const partTables = (object: string): readonly string[] => object.split(', ');

/**
 * A cheap first test, true for every text that names a table: plainly, masked, as a placeholder, or
 * in parts that {@link readSql} joins.
 */
export function mayNameTable(text: string): boolean {
  return nameOrHidden.test(text);
}

const nameOrHidden = /ab[_*{%]|\*{3}|\/\*|\|\||u&|\be'|'[^\S\n]*\n\s*'/i;

/** A cheap first test that matches every text that writes a table. */
const mayWrite =
  /insert|update|delete|merge|truncate|alter|drop|copy|replace|trigger|rule|policy|grant|\\x|\*{3}/i;

/** Nested comments, joined strings and escapes: only {@link readSql} undoes them. */
const hasHiddenText = /\/\*|\|\||u&|\be'|'[^\S\n]*\n\s*'/i;

/** Instead of a table whose name is a placeholder. */
const unknownName = '{}';

/** A text unchanged, without the escapes of a log or a language, and without nested comments. */
function looseVariants(text: string): Iterable<string> {
  const variants = new Set([text]);
  if (text.includes('\\')) variants.add(withoutEscapes(text));
  for (const variant of [...variants]) {
    if (variant.includes('/*')) variants.add(withoutComments(variant));
  }
  return variants;
}

function withoutEscapes(text: string): string {
  return text.replace(/(?<!\\)\\+(?:([nrt])|(["'`\n]))/g, (_, white?: string, other?: string) =>
    white === undefined ? (other ?? '') : white === 't' ? '\t' : '\n',
  );
}

/** Removes block comments, which nest in PostgreSQL, even those inside strings. */
function withoutComments(text: string): string {
  const opened: number[] = [];
  const comments: { start: number; end: number }[] = [];
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    if (mark === '/*') {
      opened.push(index);
      continue;
    }
    const start = opened.pop();
    if (start !== undefined) comments.push({ start, end: index + 2 });
  }
  comments.sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of comments) {
    if (start < at) continue;
    parts.push(text.slice(at, start), ' ');
    at = end;
  }
  return [...parts, text.slice(at)].join('');
}

/** `EXECUTE 'EXECUTE ''…'''`: more deeply nested ones are read as plain text. */
const maxDepth = 5;

function addFromSql(
  found: Set<string>,
  { statements }: SqlReading,
  regexp: LinearRegexp,
  depth = 0,
): void {
  for (const { text, strings, bodies } of statements) {
    if (onlyExplains(text)) continue;
    addMatches(found, text, regexp);
    for (const body of bodies) addNested(found, body, statementInSql(), depth);
    for (const string of strings) addNested(found, string, statementInText(), depth);
  }
}

function addNested(found: Set<string>, text: string, regexp: LinearRegexp, depth: number): void {
  if (!mayWrite.test(text)) return;
  if (depth < maxDepth) addFromSql(found, readSql(text), regexp, depth + 1);
  else addMatches(found, text, statementInText());
}

/** Whether a statement is an EXPLAIN that does not run what it explains. */
function onlyExplains(statement: string): boolean {
  const explain = /^[\s(]*explain\b\s*(\([^)]*\)|(?:(?:analy[zs]e|verbose)\b\s*)*)/i.exec(
    statement,
  );
  return explain !== null && !runsWhatItExplains(explain[1] ?? '');
}

function runsWhatItExplains(options: string): boolean {
  return /\banaly[zs]e\b(?!\s+(?:false|off|0)\b)/i.test(options);
}

function addMatches(found: Set<string>, text: string, regexp: LinearRegexp): void {
  for (const { index, end, groups } of regexp.matches(text)) {
    const [whole = '', renamed, newName, single, words, list, maskedWords, maskedList, rest] =
      groups;
    if (newName !== undefined) addName(found, newName);
    if (single !== undefined) addName(found, single);
    const after = text.slice(end, end + lookAheadCharacters);
    if (words !== undefined && /^copy/i.test(words) && isCopiedOut.test(after)) continue;
    if (isProse.test(after)) continue;
    if (rest !== undefined && goesOnAsWrite.test(after)) addName(found, rest);
    if (whole.startsWith(')') && isExplained(text.slice(Math.max(0, index - 300), index + 1))) {
      continue;
    }
    const isPlain = maskedWords === undefined && words?.includes(mask) !== true;
    for (const name of (renamed ?? list ?? maskedList)?.split(',') ?? []) {
      // A wholly masked name counts only if SQL follows it.
      if (isWhollyMasked(name) && !(isPlain && goesOnAsSql.test(after))) continue;
      addName(found, name);
    }
  }
}

const lookAheadCharacters = 500;

/** COPY … TO only reads the table. */
const isCopiedOut = /^[\s\\"'`\]]*(?:\([^)]*\)[\s\\"'`]*)?to\b/i;

/** No statement continues like this: `DELETE FROM ab_role is forbidden`. */
const isProse = /^\s+(?:is|and|or|not)\b/i;

/** What may follow the table in a statement that writes. */
const goesOnAsSql =
  /^[\s\\"'`\]]*(?:$|[;,(]|(?:as|set|values|select|using|default|from|where|with|returning|cascade|restart|rename|add|drop|alter|disable|enable|owner|overriding|on)\b)/i;

/**
 * What must follow a name whose first words are masked: `***_user_role SET …`, `***.ab_user (id)
 * VALUES …`.
 */
const goesOnAsWrite = /^["`\]]?\s*(?:\(\s*\w|set\s|values\b|select\s|where\s|using\s)/i;

/** Whether `EXPLAIN (COSTS OFF)` precedes a statement, in a text that is not only SQL. */
function isExplained(before: string): boolean {
  const explain = /\bexplain[\s\\]*(\([^()]*\))$/i.exec(before);
  return explain !== null && !runsWhatItExplains(explain[1] ?? '');
}

function isWhollyMasked(name: string): boolean {
  return name.includes(mask) && !/\w/.test(name);
}

const placeholder = /^(?:%(?:\d\$)?[is]|%\(\w+\)s|\{[^{}]*\}|:\w+|\$\w+)$/i;

/** Adds a table by its name in a statement, perhaps with a schema, if it is one of Airflow's. */
function addName(found: Set<string>, written: string): void {
  const parts = written
    .replace(/^\s*only\b/i, '')
    .split('.')
    .map((part) => part.replace(/[\s\\"'`[\]()]/g, '').toLowerCase());
  const table = parts.at(-1) ?? '';
  const [database, schema] = [parts.at(-3), parts.at(-2)];
  if (schema !== undefined && !mayBeOurs(schema)) return;
  if (database !== undefined && !mayBeOurs(database) && database !== 'postgres') return;
  if (placeholder.test(table)) {
    found.add(unknownName);
    return;
  }
  if (!/^(?:ab|.*\*{3})/.test(table)) return;
  const readable = table.replace(/\{[^{}]*\}|%[is]/g, mask);
  // The mask may hide what follows the name too: `UPDATE ab_user_***_id = 1`.
  const begun = /^ab_\w*\*{3}/.exec(readable)?.[0];
  const isOurs = (name: string) =>
    canBe(readable, name) || (begun !== undefined && canBe(begun, name));
  if (metadataTables.some(isOurs)) found.add(readable);
}

function mayBeOurs(schema: string): boolean {
  return /^public$|airflow|mwaa|metadata|\*{3}|[{%:]/.test(schema);
}

/**
 * Tables that a text names as a value: `t = 'ab_user_role'`, `\set t ab_user_role`, `T=ab_role`.
 */
function namedAlone(text: string): readonly string[] {
  const names = [...text.matchAll(/(?:'|[=,(%]\s{0,9}\\?"|=|\\set\s+\w+\s+)(ab_\w+)(?![\w$])/gi)];
  const known = new Set<string>(metadataTables);
  return names.map(([, name = '']) => name.toLowerCase()).filter((name) => known.has(name));
}

/**
 * What Airflow's database hooks write before a statement that they are about to run; the secrets
 * masker may have masked words of it.
 */
const announcement = /Running statement: |(?<![^ \n])(?:Running \*{3}|\*{3} statement|\*{3}): /;

/**
 * The metadata tables that an announced statement writes, in the order in which it names them; none
 * if it only reads.
 *
 * @param texts those of the event
 */
export function tablesOfStatement(texts: readonly string[]): readonly string[] {
  const tables = texts.flatMap((text) => {
    const mark = announcement.exec(text);
    if (mark === null) return [];
    return tablesWritten(text.slice(mark.index + mark[0].length), { isSql: true });
  });
  return [...new Set(tables)];
}
