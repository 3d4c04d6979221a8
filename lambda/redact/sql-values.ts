import { literalAt } from './quoted-literal.ts';
import { before } from './quoted-text.ts';
import type { SecretLayer } from './secret-layer.ts';
import { isSecretName, mayHoldSecretName } from './secret-names.ts';
import type { TextRange } from './span.ts';

/** What a statement's parameters hold: secrets by their place, counted from 0. */
export interface SqlParameters {
  readonly secrets: ReadonlySet<number>;
  /** Where the statement's last secret placeholder stands in its layer. */
  readonly at: number;
}

const statement =
  /\b(?:insert|select|update|merge|copy|replace|values|upsert)\b|Failing row contains/i;
const columnName =
  /\s{0,99}["'`[]?([A-Za-z_][\w.$]{0,100})["'`\]]?(?:\s{0,99}\/\*[^*]{0,100}\*\/)?\s{0,99}(,|\))/y;
const rowsStart =
  /\s{0,99}(?:(?:overriding\s{1,9}\w{1,20}\s{1,9}value|output\s[\w.*, ]{1,100})\s{1,9})?(?:as\s{0,9}\(\s{0,9})?(values?|select|=|from\s{1,9}stdin[^\n]{0,200}\n)\s{0,99}/iy;
const rowStart = /\s{0,99}(?:row\s{0,9})?\(/iy;
const rowGap = /\s{0,99},(?=\s{0,99}(?:row\s{0,9})?\()/iy;
const dollarQuote = /\$(\w{0,60})\$/y;
const beginning = /\b(?:insert|update|merge|replace|upsert|delete|select)\b/gi;
const placeholder =
  /%s|%\((\w{1,60})\)s|\?|(?<![\w:$])[$:](\d{1,3})|(?<![\w:@])[:@](?!\d)(\w{1,60})/g;
const comparison =
  /([\w$]{1,100})["'`\]]?\s{0,9}(?:=|<>|!=|\blike\b)\s{0,9}(?:\w{1,40}\(\s{0,9})?$/i;
const noLiteral = /^(?:null|default|true|false|%s|\?|[$:@]\w{1,60}|%\(\w{1,60}\)s)$/i;

/** The columns of Airflow's table of users, in their order, where a statement does not name them. */
const userColumns = ['id', 'first_name', 'last_name', 'username', 'password', 'active', 'email'];
const userRows = /\bab_user["'`]?\s{1,9}(?=values\b)|Failing row contains\s{1,9}(?=\()/gi;

/** A comparison or an assignment, of which the column's name was read. */
const secretExpression = /([A-Za-z_]\w{0,60})["'`]?\s{0,9}(?:=|!=|<>|\blike\b|\bin\b)\s{0,9}/gi;
const expressionEnd = /[,;\n]|\b(?:where|and|or|returning|from|order|on)\b/i;
const expressionCharactersMax = 300;
const singleQuoted = /'((?:[^']|'')*)'/g;

/**
 * Takes values of SQL by their columns: `INSERT INTO ab_user (username, password) VALUES ('eve', '…')`,
 * all rows of it, `(username, password) = ('eve', '…')`, rows of `COPY`; and tells which parameters
 * of a statement are secrets, where it has placeholders.
 */
export function takeSql(layer: SecretLayer): readonly SqlParameters[] {
  const { text } = layer;
  if (!statement.test(text)) return [];
  if (!mayHoldSecretName(text) && !text.includes('ab_user')) return [];
  const secretPlaces: TextRange[] = [];
  for (let open = text.indexOf('('); open !== -1; open = text.indexOf('(', open + 1)) {
    const list = readColumns(text, open);
    if (list === undefined) continue;
    open = list.end - 1;
    if (list.columns.some(isSecretColumn) || list.columns.includes('val')) {
      // Where it goes on: a row that nothing closes is read once, whatever is in it.
      open = takeRows(layer, list.columns, list.end, secretPlaces) - 1;
    }
  }
  if (text.includes('ab_user')) takeUserRows(layer, secretPlaces);
  takeExpressions(layer);
  return readPlaceholders(layer, secretPlaces);
}

function takeUserRows(layer: SecretLayer, secretPlaces: TextRange[]): void {
  let done = 0;
  for (const { index, 0: match } of layer.text.matchAll(userRows)) {
    const end = index + match.length;
    if (index < done) continue;
    if (!match.startsWith('Failing')) done = takeRows(layer, userColumns, end, secretPlaces);
    else {
      const row = readRow(layer, end + 1);
      takeRow(layer, userColumns, row.values, secretPlaces);
      done = row.end;
    }
  }
}

/** Takes every text in what a column is set or compared to: `password = CASE … THEN '…' END`. */
function takeExpressions(layer: SecretLayer): void {
  const { text } = layer;
  let done = 0;
  for (const { index, 0: match, 1: column = '' } of text.matchAll(secretExpression)) {
    const from = index + match.length;
    if (from < done || !isSecretName(column)) continue;
    const limited = text.slice(from, from + expressionCharactersMax);
    const unquoted = limited.replaceAll(singleQuoted, (literal) => 'x'.repeat(literal.length));
    const length = expressionEnd.exec(unquoted)?.index ?? limited.length;
    done = from + length;
    for (const literal of limited.slice(0, length).matchAll(singleQuoted)) {
      const start = from + literal.index + 1;
      layer.take(start, start + (literal[1]?.length ?? 0));
    }
  }
}

interface ColumnList {
  readonly columns: readonly string[];
  readonly end: number;
}

function readColumns(text: string, open: number): ColumnList | undefined {
  const columns: string[] = [];
  let end = open + 1;
  for (;;) {
    columnName.lastIndex = end;
    const match = columnName.exec(text);
    if (match === null) return undefined;
    columns.push(match[1] ?? '');
    end = columnName.lastIndex;
    if (match[2] === ')') return { columns, end };
  }
}

function isSecretColumn(column: string): boolean {
  return isSecretName(column.slice(column.lastIndexOf('.') + 1));
}

/** @returns where to read on */
function takeRows(
  layer: SecretLayer,
  columns: readonly string[],
  from: number,
  secretPlaces: TextRange[],
): number {
  rowsStart.lastIndex = from;
  const kind = rowsStart.exec(layer.text)?.[1]?.toLowerCase();
  if (kind === undefined) return from;
  let index = rowsStart.lastIndex;
  if (kind.startsWith('from')) return takeCopied(layer, columns, index);
  const isSelect = kind === 'select';
  for (;;) {
    const start = isSelect ? index : layer.matched(rowStart, index);
    if (start === undefined) return index;
    const row = readRow(layer, start);
    takeRow(layer, columns, row.values, secretPlaces);
    const next = isSelect ? undefined : layer.matched(rowGap, row.end);
    if (next === undefined) return row.end;
    index = next;
  }
}

function takeRow(
  layer: SecretLayer,
  columns: readonly string[],
  values: readonly TextRange[],
  secretPlaces: TextRange[],
): void {
  const key = values[columns.indexOf('key')];
  const isSecretKey =
    key !== undefined && isSecretName(layer.text.slice(key.start + 1, key.end - 1));
  for (const [at, value] of values.entries()) {
    const column = columns[at] ?? '';
    if (!isSecretColumn(column) && !(column === 'val' && isSecretKey)) continue;
    secretPlaces.push(value);
    takeValue(layer, value);
  }
}

function takeValue(layer: SecretLayer, { start, end }: TextRange): void {
  const { text } = layer;
  if (noLiteral.test(text.slice(start, Math.min(end, start + 100)))) return;
  const literal = literalAt(layer, start);
  if (literal?.end === end) layer.take(literal.contentStart, literal.contentEnd);
  else layer.take(start, end);
}

interface Row {
  readonly values: readonly TextRange[];
  readonly end: number;
}

/** Reads values up to the bracket that closes the row, or to the end of a `SELECT`'s list. */
function readRow({ text, closer }: Pick<SecretLayer, 'text' | 'closer'>, from: number): Row {
  const values: TextRange[] = [];
  let depth = 0;
  let start = from;
  let index = from;
  const finish = () => {
    const value = text.slice(start, index);
    const leading = value.length - value.trimStart().length;
    values.push({ start: start + leading, end: start + Math.max(leading, value.trimEnd().length) });
  };
  for (; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character === "'" || character === '"') {
      index = quotedEnd(text, index, closer) - 1;
    } else if (character === '$') {
      index = dollarQuotedEnd(text, index) - 1;
    } else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character) && depth > 0) depth -= 1;
    else if (')];'.includes(character)) break;
    else if (character === ',' && depth === 0) {
      finish();
      start = index + 1;
    } else if (
      depth === 0 &&
      /\s/.test(character) &&
      /^from\b/i.test(text.slice(index + 1, index + 6))
    )
      break;
  }
  finish();
  return { values, end: Math.min(text.length, index + 1) };
}

/** After a text of SQL: a quote in it is doubled, or escaped by some. */
function quotedEnd(text: string, index: number, closer: SecretLayer['closer']): number {
  const quote = text[index] ?? '';
  let close = closer.find(quote, index + 1, 0);
  while (close !== -1 && text[close + 1] === quote) close = closer.find(quote, close + 2, 0);
  return close === -1 ? text.length : close + 1;
}

function dollarQuotedEnd(text: string, index: number): number {
  dollarQuote.lastIndex = index;
  const quote = dollarQuote.exec(text)?.[0];
  if (quote === undefined) return index + 1;
  const close = text.indexOf(quote, index + quote.length);
  return close === -1 ? text.length : close + quote.length;
}

/** Lines of `COPY … FROM stdin`, columns by tabs, up to `\.`. */
function takeCopied(layer: SecretLayer, columns: readonly string[], from: number): number {
  const { text } = layer;
  let start = from;
  while (start < text.length && !text.startsWith('\\.', start)) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    let cell = start;
    for (const [at, value] of text.slice(start, end).split('\t').entries()) {
      if (isSecretColumn(columns[at] ?? '')) layer.take(cell, cell + value.length);
      cell += value.length + 1;
    }
    start = end + 1;
  }
  return Math.min(start, text.length);
}

/** Which placeholders of each statement are secrets, by their columns or what they are compared to. */
function readPlaceholders(layer: SecretLayer, secretPlaces: readonly TextRange[]): SqlParameters[] {
  const { text, findings } = layer;
  const starts = [...text.matchAll(beginning)].map(({ index }) => index);
  const found: SqlParameters[] = [];
  let place = 0;
  let next = 0;
  let count = 0;
  let secrets = new Set<number>();
  for (const match of text.matchAll(placeholder)) {
    const { index } = match;
    while (next < starts.length && (starts[next] ?? 0) < index) {
      // The values of an INSERT may be a SELECT: places are counted on.
      if (count === 0 || !/^select/i.test(text.slice(starts[next], (starts[next] ?? 0) + 6))) {
        [count, secrets] = [0, new Set()];
      }
      next += 1;
    }
    while (place < secretPlaces.length && (secretPlaces[place]?.end ?? 0) <= index) place += 1;
    const column = comparison.exec(before(text, index, 120))?.[1];
    const isSecret =
      (secretPlaces[place]?.start ?? text.length) <= index ||
      (column !== undefined && isSecretColumn(column));
    const number = match[2] === undefined ? count : Number(match[2]) - 1;
    count += 1;
    if (!isSecret) continue;
    const name = match[1] ?? match[3];
    if (name !== undefined) findings.travels.addVariable(name);
    secrets.add(number);
    if (found.at(-1)?.secrets !== secrets) found.push({ secrets, at: index });
  }
  return found;
}

/**
 * Takes the secrets of a list of parameters, `('eve', '…')`; of a list of such lists, those of each.
 *
 * @param open index of the opening bracket
 * @returns where to read on
 */
export function takeParameters(
  layer: SecretLayer,
  open: number,
  { secrets }: SqlParameters,
): number {
  if (open < layer.parametersEnd) return open;
  const row = readRow(layer, open + 1);
  layer.parametersEnd = row.end;
  const isMany = row.values.some(({ start }) => '(['.includes(layer.text[start] ?? ' '));
  for (const [at, value] of row.values.entries()) {
    if (!isMany && secrets.has(at)) takeValue(layer, value);
    if (isMany && '(['.includes(layer.text[value.start] ?? ' ')) {
      const inner = readRow(layer, value.start + 1).values;
      for (const [place, one] of inner.entries()) if (secrets.has(place)) takeValue(layer, one);
    }
  }
  return row.end;
}

const parametersName =
  /^(?:sql_?)?(?:param(?:eter)?s?|args?|binds?|bind_?params|multiparams|values|vars)$/i;
const numbered = /\$(\d{1,3}) = (?:'((?:[^']|'')*)'|NULL)(?:, )?/y;

/** The statement that parameters at a position belong to: the last one before them. */
export function statementBefore(layer: SecretLayer, index: number): SqlParameters | undefined {
  return layer.statements.findLast(({ at }) => at < index) ?? layer.findings.statement;
}

/**
 * Takes the secrets of parameters behind their name: `parameters: ('eve', '…')`, `$2 = '…'`.
 *
 * @param from where the value of the name begins
 */
export function takeNamedParameters(
  layer: SecretLayer,
  name: string,
  index: number,
  from: number,
): void {
  const statement = parametersName.test(name) ? statementBefore(layer, index) : undefined;
  if (statement === undefined) return;
  if ('(['.includes(layer.text[from] ?? ' ')) takeParameters(layer, from, statement);
  numbered.lastIndex = from;
  for (let match = numbered.exec(layer.text); match; match = numbered.exec(layer.text)) {
    const value = match[2] ?? '';
    const start = match.index + match[0].indexOf(value, 5);
    if (statement.secrets.has(Number(match[1]) - 1)) layer.take(start, start + value.length);
  }
}
