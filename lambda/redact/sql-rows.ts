import { isSecretName } from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';
import { literalAt } from './text/quoted-literal.ts';
import type { TextRange } from './text/span.ts';

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
