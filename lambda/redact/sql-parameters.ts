import type { SecretLayer, SqlParameters } from './secret-layer.ts';
import { isSecretColumn, readRow, takeValue } from './sql-rows.ts';
import { before } from './text/quoted-text.ts';
import type { TextRange } from './text/span.ts';

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
