import { isSecretName, mayHoldSecretName } from './known/secret-names.ts';
import type { SecretLayer, SqlParameters } from './secret-layer.ts';
import { isSecretColumn, readPlaceholders, readRow, takeValue } from './sql-parameters.ts';
import type { TextRange } from './text/text-view.ts';

const statement =
  /\b(?:insert|select|update|merge|copy|replace|values|upsert)\b|Failing row contains/i;
const columnName =
  /\s{0,99}["'`[]?([A-Za-z_][\w.$]{0,100})["'`\]]?(?:\s{0,99}\/\*[^*]{0,100}\*\/)?\s{0,99}(,|\))/y;
const rowsStart =
  /\s{0,99}(?:(?:overriding\s{1,9}\w{1,20}\s{1,9}value|output\s[\w.*, ]{1,100})\s{1,9})?(?:as\s{0,9}\(\s{0,9})?(values?|select|=|from\s{1,9}stdin[^\n]{0,200}\n)\s{0,99}/iy;
const rowStart = /\s{0,99}(?:row\s{0,9})?\(/iy;
const rowGap = /\s{0,99},(?=\s{0,99}(?:row\s{0,9})?\()/iy;

/**
 * The first columns of Airflow's table of users, in order, for a statement that does not name them.
 */
const userColumns = ['id', 'first_name', 'last_name', 'username', 'password', 'active', 'email'];
const userRows = /\bab_user["'`]?\s{1,9}(?=values\b)|Failing row contains\s{1,9}(?=\()/gi;

/** A comparison with a column, or an assignment to it. */
const secretExpression = /([A-Za-z_]\w{0,60})["'`]?\s{0,9}(?:=|!=|<>|\blike\b|\bin\b)\s{0,9}/gi;
const expressionEnd = /[,;\n]|\b(?:where|and|or|returning|from|order|on)\b/i;
const expressionCharactersMax = 300;
const singleQuoted = /'((?:[^']|'')*)'/g;

/**
 * Takes secrets of SQL by their columns: `INSERT INTO ab_user (username, password) VALUES ('eve',
 * '…')`, all rows of it, `(username, password) = ('eve', '…')`, rows of `COPY`.
 *
 * @returns for each statement with placeholders, which of its parameters are secrets
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
      // Continue after the rows: a row that nothing closes is read only once.
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

/** Takes every string in the value of a secret column: `password = CASE … THEN '…' END`. */
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

/** Takes the secrets of `COPY … FROM stdin`: lines of columns separated by tabs, up to `\.`. */
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
