import { isSecretOption } from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';
import { readShellWord, shellWordEnd } from './text/shell-words.ts';

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
