import { isSecretName, mayHoldSecretName } from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';

/** What separates the columns of a table: on a console, in CSV and the like, in aligned text. */
const separators = ['|', '\t', ',', ';', '  '] as const;

const headerCell = /^[A-Za-z_][\w .-]{0,60}$/;
const rule = /^[\s|+=:┃│├┼┤╞╪╡━─┡╇┩└┴┘╰╯╵-]{3,}$/;

/** A line of an encoded key, as programs wrap it. */
const encoded = /^[A-Za-z0-9+/]{60,76}={0,2}$/;

/** Matches every text that may have such a line. */
const mayBeEncoded = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{60}/;

/** A longer line is not read as a part of a table. */
const lineCharactersMax = 5000;

interface Cell {
  readonly start: number;
  readonly text: string;
}

interface Table {
  readonly separator: string;
  readonly count: number;
  /** Indexes of the columns whose header says that they are secrets. */
  readonly columns: readonly number[];
}

/**
 * Takes secrets that are found line by line: lines of an encoded key, and the cells of tables in a
 * column whose header names a secret. Such tables are printed by psql and Airflow's commands, also
 * as CSV or in psql's expanded form, where each line is `column | value`.
 */
export function takeLines(layer: SecretLayer): void {
  const { text } = layer;
  if (!text.includes('\n')) return;
  if (!mayHoldSecretName(text) && !mayBeEncoded.test(text)) return;
  let table: Table | undefined;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    table = readLine(layer, start, end, table);
    start = end + 1;
  }
}

/** @returns the table that the next line may continue */
function readLine(
  layer: SecretLayer,
  start: number,
  end: number,
  table: Table | undefined,
): Table | undefined {
  if (end - start > lineCharactersMax) return undefined;
  const line = layer.text.slice(start, end).replaceAll(/[│┃║]/g, '|');
  if (encoded.test(line) && /[a-z]/.test(line) && /[A-Z]/.test(line) && /\d/.test(line)) {
    layer.take(start, end);
    return table;
  }
  takeExpanded(layer, line, start);
  if (table !== undefined) {
    if (rule.test(line)) return table;
    const cells = cellsOf(line, table.separator);
    if (cells.length === table.count) {
      for (const column of table.columns) {
        const cell = cells[column];
        if (cell !== undefined)
          layer.take(start + cell.start, start + cell.start + cell.text.length);
      }
      return table;
    }
  }
  return headerOf(line);
}

function headerOf(line: string): Table | undefined {
  const header = afterLogPrefix(line);
  for (const separator of separators) {
    if (!header.includes(separator)) continue;
    const names = cellsOf(header, separator).map(({ text }) => unquoted(text));
    if (names.length < 2 || !names.every((name) => headerCell.test(name))) continue;
    const columns = names.flatMap((name, at) => (isSecretHeader(name) ? [at] : []));
    return { separator, count: names.length, columns };
  }
  return undefined;
}

/** Whether a header names a secret; a permission's name (`My Password`) does not. */
function isSecretHeader(name: string): boolean {
  const isOneWord =
    !name.includes(' ') || /^(?:mot de passe|(?:api|access|secret) key)$/i.test(name);
  return isOneWord && isSecretName(name);
}

/** Takes the value of `password | …`, a line of psql's expanded form. */
function takeExpanded(layer: SecretLayer, line: string, start: number): void {
  const cells = line.includes('|') ? cellsOf(line, '|') : [];
  const [name, value] = cells;
  if (cells.length !== 2 || name === undefined || value === undefined) return;
  if (!/^[\w.-]+$/.test(name.text) || !isSecretName(name.text)) return;
  layer.take(start + value.start, start + value.start + value.text.length);
}

/** Removes Airflow's prefix from a line: a table may begin after it. */
function afterLogPrefix(line: string): string {
  const prefix = /^\[[^\]]{10,40}\] \{[^}]{1,100}\} [A-Z]{4,8} - /.exec(line)?.[0] ?? '';
  return line.slice(prefix.length);
}

/** The cells of a line, trimmed; the table's borders are no cells. */
function cellsOf(line: string, separator: string): Cell[] {
  const cells: Cell[] = [];
  const parts = line.includes('"') ? quotedParts(line, separator) : line.split(separator);
  let start = 0;
  for (const [at, part] of parts.entries()) {
    const text = part.trim();
    const isBorder = text === '' && (at === 0 || at === parts.length - 1 || separator === '  ');
    if (!isBorder) cells.push({ start: start + part.indexOf(text), text });
    start += part.length + separator.length;
  }
  return cells;
}

/** Splits a line of CSV, in which a quoted part may hold the separator. */
function quotedParts(line: string, separator: string): string[] {
  const parts: string[] = [];
  let open = false;
  for (const part of line.split(separator)) {
    if (open) parts.push(`${parts.pop() ?? ''}${separator}${part}`);
    else parts.push(part);
    if (part.split('"').length % 2 === 0) open = !open;
  }
  return parts;
}

function unquoted(text: string): string {
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1) : text;
}
