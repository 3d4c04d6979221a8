import { isHeaderName } from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';
import { literalAt } from './text/quoted-literal.ts';
import { endOfLine, shellWordEnd } from './text/shell-words.ts';

const bareValue = /[^\s,;)}\]'"]+/y;
const headerValue = /[^\r\n"']*/y;
const parameterValue = /[^\s&'"]*/y;

/** Takes a value of JSON, Python, YAML or a header; returns where to read on. */
export function takePlainValue(layer: SecretLayer, name: string, from: number): number {
  const literal = literalAt(layer, from);
  if (literal !== undefined) {
    return layer.take(literal.contentStart, literal.contentEnd, literal.end);
  }
  const tagged = '!&'.includes(layer.text[from] ?? ' ') ? layer.matched(tag, from) : undefined;
  if (tagged !== undefined) return takePlainValue(layer, name, tagged);
  if (isHeaderName(name)) return layer.takeMatched(headerValue, from);
  if ('{[('.includes(layer.text[from] ?? ' ')) return from;
  if ('|>'.includes(layer.text[from] ?? ' ')) return takeBlock(layer, from);
  const argument = layer.matched(callStart, from);
  const inCall = argument === undefined ? undefined : literalAt(layer, argument);
  if (inCall !== undefined) return layer.take(inCall.contentStart, inCall.contentEnd, inCall.end);
  const end = layer.takeMatched(bareValue, from);
  // `'-p', password`: a variable in a Python script.
  const value = layer.text.slice(from, end);
  if (name.startsWith('-') && /^[A-Za-z_]\w{0,60}$/.test(value))
    layer.findings.travels.addVariable(value);
  return end;
}

/** `!vault`, `!!str`, `&anchor` before a value of YAML. */
const tag = /(?:!{1,2}|&)\w{1,40}[ \t]{1,9}(?=[^\s!&])/y;
const callStart = /[A-Za-z_][\w.]{0,60}\(\s?/y;
const blockStart = /[|>][-+\d]{0,2}[ \t]*\n([ \t]+)/y;

/** Takes a YAML block: the lines with at least the indentation of the first one. */
function takeBlock(layer: SecretLayer, from: number): number {
  const { text } = layer;
  blockStart.lastIndex = from;
  const indent = blockStart.exec(text)?.[1];
  if (indent === undefined) return layer.takeMatched(bareValue, from);
  const start = blockStart.lastIndex;
  let end = endOfLine(text, start);
  while (end < text.length && text.startsWith(indent, end + 1)) end = endOfLine(text, end + 1);
  return layer.take(start, end);
}

/**
 * Takes the value after a `=`.
 *
 * @param index of the name
 * @param from index after the `=`
 * @returns where to read on
 */
export function takeAssigned(
  layer: SecretLayer,
  name: string,
  index: number,
  from: number,
): number {
  const { text } = layer;
  if ('?&'.includes(text[index - 1] ?? ' ')) return layer.takeMatched(parameterValue, from);
  if ('{['.includes(text[from] ?? ' ')) {
    const isSecretWhole = /^airflow_conn_|credential/i.test(name);
    return isSecretWhole ? layer.take(from, endOfLine(text, from)) : from;
  }
  if (/\s|^$/.test(text[from] ?? '')) return takePlainValue(layer, name, from);
  const wordEnd = shellWordEnd(text, from, layer.closer);
  const literal = literalAt(layer, from);
  const follows = literal === undefined ? '' : (text[literal.end] ?? ',');
  if (literal === undefined || !/[\s,)\]};]/.test(follows)) return layer.take(from, wordEnd);
  // With `\'` in it, the end depends on the language: take the longer reading.
  const isClear = !/\\["']/.test(text.slice(literal.contentStart, literal.contentEnd));
  if (isClear) return layer.take(literal.contentStart, literal.contentEnd, literal.end);
  return layer.take(from, Math.max(wordEnd, literal.end));
}
