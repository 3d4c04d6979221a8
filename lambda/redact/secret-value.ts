import { isHeaderName, isSecretOption } from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';
import { endOfLine, literalAt, readShellWord, shellWordEnd } from './text/quoted-literal.ts';

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

/**
 * `find -path`, `java -port`: options of other tools that begin like a glued `-p`, without `-p`.
 */
const otherOptions = /^(?:rint0?|rintf|ath|rune|erm|arents|thread|ort|id)(?![\w-])/;

const inBraces = /[^\s,}]+/y;
const optionGap = /(?:[ \t]|\\\r?\n)+/y;

/**
 * Takes the value of `-p`, after a space or glued to it.
 *
 * @param end index after the option
 * @returns where to read on
 */
export function takeShortOption(layer: SecretLayer, end: number): number {
  const gap = layer.matched(optionGap, end);
  if (gap !== undefined) return takeOptionValue(layer, gap);
  if (layer.text[end] === '=') return takeOptionValue(layer, end + 1);
  const { text } = layer;
  // `{-p,…}`: the shell makes two words of it.
  if (text.startsWith(',', end) && /\{-v*p$/.test(text.slice(end - 10, end))) {
    return layer.takeMatched(inBraces, end + 1);
  }
  const glued = text.slice(end, end + 20);
  if (!/^[^\s,;)\]}]/.test(glued) || otherOptions.test(glued)) return end;
  return takeOptionValue(layer, end);
}

/** {@link takeShortOption} for `--password` and the like. @param name without dashes */
export function takeLongOption(layer: SecretLayer, name: string, end: number): number {
  const gap = layer.text[end] === '=' ? end + 1 : layer.matched(optionGap, end);
  if (name === 'user' || name === 'proxy-user') {
    return gap === undefined ? end : takeUserAndPassword(layer, gap);
  }
  return gap === undefined || !isSecretOption(name) ? end : takeOptionValue(layer, gap);
}

/** Takes the value, which is one word of a shell. */
function takeOptionValue(layer: SecretLayer, from: number): number {
  return layer.take(from, shellWordEnd(layer.text, from, layer.closer));
}

/** Takes the password of an HTTP client's `-u name:password`; Airflow's `-u` is only a name. */
export function takeUserAndPassword(layer: SecretLayer, end: number): number {
  const from = layer.matched(optionGap, end) ?? end;
  if (!layer.httpClients.isNear(end)) return from;
  const { end: wordEnd, unquoted } = readShellWord(layer.view, from, layer.closer);
  const colon = unquoted.text.indexOf(':');
  if (colon === -1) return from;
  layer.mark(unquoted.at(colon + 1), unquoted.at(unquoted.text.length));
  return wordEnd;
}
