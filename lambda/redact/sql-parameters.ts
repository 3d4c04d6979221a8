import { isSecretName } from './known/secret-names.ts';
import type { SecretLayer, SqlParameters } from './secret-layer.ts';
import { literalAt } from './text/quoted-literal.ts';
import { before, type TextRange } from './text/text-view.ts';

const dollarQuote = /\$(\w{0,60})\$/y;
const noLiteral = /^(?:null|default|true|false|%s|\?|[$:@]\w{1,60}|%\(\w{1,60}\)s)$/i;

/** @param column a name, perhaps with its table: `ab_user.password` */
export function isSecretColumn(column: string): boolean {
  return isSecretName(column.slice(column.lastIndexOf('.') + 1));
}

/** Takes the value at a range of the layer, unless it is NULL, a placeholder or the like. */
export function takeValue(layer: SecretLayer, { start, end }: TextRange): void {
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

/**
 * Reads the values of a row up to the bracket that closes it, or up to the end of a `SELECT`'s
 * list.
 */
export function readRow({ text, closer }: Pick<SecretLayer, 'text' | 'closer'>, from: number): Row {
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

/** The index after a string of SQL, in which a quote is doubled or, in some dialects, escaped. */
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

const beginning = /\b(?:insert|update|merge|replace|upsert|delete|select)\b/gi;
const placeholder =
  /%s|%\((\w{1,60})\)s|\?|(?<![\w:$])[$:](\d{1,3})|(?<![\w:@])[:@](?!\d)(\w{1,60})/g;
const comparison =
  /([\w$]{1,100})["'`\]]?\s{0,9}(?:=|<>|!=|\blike\b)\s{0,9}(?:\w{1,40}\(\s{0,9})?$/i;

/**
 * Which placeholders of each statement are secrets, by their columns or what they are compared
 * with.
 *
 * @param secretPlaces the ranges of values in secret columns, in ascending order
 */
export function readPlaceholders(
  layer: SecretLayer,
  secretPlaces: readonly TextRange[],
): SqlParameters[] {
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
      // The values of an INSERT may be a SELECT: then counting continues.
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
 * Takes the secrets of a list of parameters, `('eve', '…')`, or of each list in a list of such
 * lists.
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

/** The statement that parameters at an index belong to: the last one before them. */
export function statementBefore(layer: SecretLayer, index: number): SqlParameters | undefined {
  return layer.statements.findLast(({ at }) => at < index) ?? layer.findings.statement;
}

/**
 * Takes the secrets of parameters after their name: `parameters: ('eve', '…')`, `parameters: $2 =
 * '…'`.
 *
 * @param index of the name
 * @param from index of its value
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
