import { isOption, takeCommandSecrets } from './command-secrets.ts';
import { hasProgram, Landmarks, mayHoldSecret } from './known/may-hold-secret.ts';
import { isSecretName, looksRandom, secretNameCharactersMax } from './known/secret-names.ts';
import {
  takeCall,
  takeElement,
  takeNamed,
  takePairField,
  takeSecondMember,
} from './named-secret.ts';
import { newCommand, readScript } from './read-script.ts';
import { type Findings, SecretLayer } from './secret-layer.ts';
import {
  takeLongOption,
  takePlainValue,
  takeShortOption,
  takeUserAndPassword,
} from './secret-value.ts';
import { statementBefore, takeParameters } from './sql-parameters.ts';
import { takeSql } from './sql-values.ts';
import { takeLines } from './tables.ts';
import {
  literalAt,
  type QuotedLiteral,
  readQuotedLiteral,
  shellWordEnd,
} from './text/quoted-literal.ts';
import { before, mergeRanges, type TextRange, TextView } from './text/text-view.ts';
import { takeTravelling } from './travelling-values.ts';
import { Travels } from './travels.ts';

/** Texts inside texts: JSON around a Python list around `bash -c` around a function's body. */
const depthMax = 6;

/** The shortest text that holds a secret: `-px`. */
const secretTextMin = 3;

/** One for each depth: a pattern is still in use when the next layer is read. */
const landmarks = Array.from({ length: depthMax + 1 }, () => new Landmarks());

/** `-'p'`, `--pass\\word`, `OPTION=-p`, and commands that read secrets from elsewhere. */
const hasDisguisedOption =
  /(?:^|\s)["'\\$]{0,3}-[\w-]{0,40}["'\\]|\s\$'|=["']?-|-p["']|-stdin|with-token|variables\s|<<|\s\|\s|xargs|--value|-p\s{0,9}$|=\(|set -\w{0,3}x /;

const keyGap = /\s*(?:\]\s*)?(?::|=>|=)\s*/y;
const parametersGap = /\s{0,99}\)?\s{0,99},\s{0,99}(?:\w{1,40}\s{0,9}=\s{0,9})?(?=[[(])/y;
const failedCommandEnd = /' (?=returned non-zero exit status|timed out after|died with)/g;
const listGap = /\s*,\s*/y;
const beforeAt = /[^@]+/y;
const bearerToken = /[\w.~+/=-]+/y;

/** @param travels where secrets come from, as far as known; new places are added */
export function findSecrets(text: string, travels: Travels): readonly TextRange[] {
  const findings: Findings = { ranges: [], travels };
  readLayer(new SecretLayer(new TextView(text), 0, findings));
  return findings.ranges;
}

/** Reads a layer from landmark to landmark; each quoted text in it is a layer of its own. */
function readLayer(layer: SecretLayer): void {
  if (mayHoldCommands(layer)) takeScript(layer);
  takeLines(layer);
  layer.statements = takeSql(layer);
  const statement = layer.statements.at(-1);
  const pattern = (landmarks[layer.depth] ?? new Landmarks()).for(layer.text);
  pattern.lastIndex = 0;
  for (let match = pattern.exec(layer.text); match; match = pattern.exec(layer.text)) {
    const next = takeLandmark(layer, match);
    pattern.lastIndex = next > match.index ? next : match.index + 1;
  }
  takeList(layer);
  if (statement !== undefined) layer.findings.statement = statement;
}

/** Whether a layer may have a command whose secrets its names alone do not reveal. */
function mayHoldCommands({ text, findings }: SecretLayer): boolean {
  if (!findings.travels.isEmpty()) return true;
  return hasProgram.test(text) || hasDisguisedOption.test(text);
}

function takeScript(layer: SecretLayer): void {
  const script = readScript(layer.view, layer.closer);
  for (const command of script.commands) takeCommandSecrets(layer, command);
  takeTravelling(layer, script);
}

/** Takes the secret that begins at a landmark, if there is one; returns where to read on. */
function takeLandmark(
  layer: SecretLayer,
  { index, 0: mark, 1: credential }: RegExpExecArray,
): number {
  const end = index + mark.length;
  if (credential !== undefined) return takeCredential(layer, index, end);
  const last = mark.at(-1);
  if (last === '"' || last === "'") return takeQuoted(layer, index, end - 1);
  if (mark === '://') return takeUrl(layer, layer.urls.password(index), end);
  if (mark.startsWith('%')) return takeUrl(layer, layer.urls.encodedPassword(index), end);
  if (mark === '-p' || /^-v+p$/.test(mark)) return takeShortOption(layer, end);
  if (mark === '-u') return takeUserAndPassword(layer, end);
  if (mark.startsWith('--')) return takeLongOption(layer, mark.slice(2), end);
  if (/^(?:\[|execute\s)/i.test(mark)) return takeBehindStatement(layer, index, end);
  if (/\s$/.test(mark)) return layer.takeMatched(bearerToken, end);
  if (last === ':') return layer.take(end, shellWordEnd(layer.text, end, layer.closer));
  if (/^-[A-Za-z]/.test(mark) && ' \t'.includes(layer.text[end] ?? '=')) {
    return takeLongOption(layer, mark.slice(1), end);
  }
  if (mark.startsWith('jdbc:')) return layer.takeMatched(beforeAt, end);
  if (last === '(') return takeCall(layer, mark.slice(0, -1), end);
  if (last === '>') return takeElement(layer, mark, end);
  return takeNamed(layer, mark.replace(/^-+/, ''), index, end);
}

function takeUrl(layer: SecretLayer, password: TextRange | undefined, end: number): number {
  if (password !== undefined) layer.take(password.start, password.end);
  return end;
}

/** @param start where the prefix and backslashes before the quote at `index` begin */
function takeQuoted(layer: SecretLayer, start: number, index: number): number {
  const { view, closer, depth } = layer;
  const failed = takeFailedCommand(layer, index);
  if (failed !== undefined) return failed;
  const literal = depth < depthMax ? readQuotedLiteral(view, index, closer) : undefined;
  if (literal === undefined) return index + 1;
  const content = literal.content.text;
  addToList(layer, start, literal);
  if (content.length <= secretNameCharactersMax) {
    const next = takeAfterQuoted(layer, index, literal);
    if (next !== undefined) {
      if (layer.listEnd === literal.end) layer.listEnd = next;
      return next;
    }
  }
  readInside(layer, literal.content);
  const parameters = layer.findings.statement && layer.matched(parametersGap, literal.end);
  if (parameters !== undefined) takeBehindStatement(layer, literal.end, parameters);
  return literal.end;
}

/** Adds a quoted text to the list that is being read: it may be a word of a command. */
function addToList(layer: SecretLayer, start: number, { content, end }: QuotedLiteral): void {
  const isNext = layer.listEnd !== -1 && layer.matched(listGap, layer.listEnd) === start;
  if (!isNext) takeList(layer);
  if (isNext || '[('.includes(layer.text[start - 1] ?? ' ')) {
    layer.list.push({ view: content });
    layer.listEnd = end;
  }
}

/** Ends the list that was read, and takes its secrets as those of a command. */
function takeList(layer: SecretLayer): void {
  const { list } = layer;
  layer.list = [];
  layer.listEnd = -1;
  if (list.length < 2) return;
  const command = { ...newCommand(), words: list };
  takeCommandSecrets(layer, command);
  takeTravelling(layer, { commands: [command], functions: new Set() });
}

/**
 * Takes the secrets of `Command '…' returned non-zero exit status 1.`: Python escapes nothing in
 * the command, which may be a list of quoted words.
 *
 * @param index of the quote
 * @returns where to read on; undefined if it is no such text
 */
function takeFailedCommand(layer: SecretLayer, index: number): number | undefined {
  const { text } = layer;
  if (layer.hasNoFailedCommand || !before(text, index, 8).endsWith('Command ')) return undefined;
  failedCommandEnd.lastIndex = index + 1;
  const end = failedCommandEnd.exec(text)?.index;
  layer.hasNoFailedCommand = end === undefined;
  if (end === undefined) return index + 1;
  if (layer.depth < depthMax) readInside(layer, layer.view.slice(index + 1, end));
  return end + 1;
}

/** Takes the secrets of a statement's parameters that follow it without a name. */
function takeBehindStatement(layer: SecretLayer, index: number, open: number): number {
  const statement = statementBefore(layer, index);
  if (statement !== undefined) takeParameters(layer, open, statement);
  return open;
}

function readInside({ depth, findings }: SecretLayer, content: TextView): void {
  findings.statement = undefined;
  if (content.text.length < secretTextMin) return;
  if (findings.travels.isEmpty() && !mayHoldSecret(content.text)) return;
  readLayer(new SecretLayer(content, depth + 1, findings));
}

/** Takes `"auth": "…"`, a user's name and password in Base64 as in Docker's settings. */
function takeEncodedLogin(layer: SecretLayer, end: number): number | undefined {
  const start = layer.matched(keyGap, end);
  const value = start === undefined ? undefined : literalAt(layer, start);
  if (value === undefined || !/^[A-Za-z0-9+/]{8,}={0,2}$/.test(value.content.text))
    return undefined;
  return layer.take(value.contentStart, value.contentEnd, value.end);
}

/**
 * Takes the value that a short quoted text names; returns where to read on, undefined if there is
 * none.
 */
function takeAfterQuoted(
  layer: SecretLayer,
  index: number,
  { content: { text: content }, end }: QuotedLiteral,
): number | undefined {
  if (isOption(content)) {
    const valueStart = layer.matched(listGap, end);
    return valueStart && takePlainValue(layer, content, valueStart);
  }
  if (isSecretName(content) || layer.findings.travels.hasVariable(content)) {
    const valueStart = layer.matched(keyGap, end);
    if (valueStart !== undefined) return takePlainValue(layer, content, valueStart);
    return /^[\w.-]+$/.test(content) ? takeSecondMember(layer, index, end) : undefined;
  }
  if (content === 'auth') return takeEncodedLogin(layer, end);
  return takePairField(layer, content, end);
}

function takeCredential(layer: SecretLayer, index: number, end: number): number {
  if (!layer.text.startsWith('-----BEGIN', index)) return layer.take(index, end);
  const last = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
  last.lastIndex = end;
  const close = last.exec(layer.text);
  return layer.take(end, close?.index ?? layer.text.length);
}

/** Replaces a secret. It has no quote, space or bracket, so that it fits anywhere. */
export const redactionMark = '***redacted***';

/** Readings of a text, at most: each follows a secret one more step back through a script. */
const readingsMax = 4;

/**
 * Replaces the secrets of a log line: values of password options in any quoting, assigned and
 * printed passwords, tokens and keys, passwords in URLs, connections and headers, and what its
 * format gives away (AWS keys, JSON web tokens, private keys, password hashes).
 *
 * A log line is text inside text: JSON around a Python list around a shell command. Each layer is
 * unquoted in turn, since only there it is clear where a value ends. Time is linear in the text.
 *
 * In doubt it hides more of a value. Users, roles, e-mail addresses and DAGs stay.
 */
export function redactSecrets(text: string): string {
  return redact(text).text;
}

const words = /[^\s"'`,;:=|\\(){}[\]<>]{8,200}/g;
/**
 * A shorter secret is not hidden elsewhere in the text, where the same word may mean something
 * else.
 */
const secretCharactersMin = 8;
const secretCharactersMax = 200;

interface Redacted {
  readonly text: string;
  /**
   * The new index of a position in the original text; inside a secret, the beginning of its mark.
   */
  position(index: number): number;
}

export function redact(text: string): Redacted {
  const ranges = secretRanges(text);
  /** The index of each range's mark in the redacted text. */
  const marks: number[] = [];
  let redacted = '';
  let done = 0;
  for (const { start, end } of ranges) {
    redacted += text.slice(done, start);
    marks.push(redacted.length);
    redacted += redactionMark;
    done = end;
  }
  return { text: redacted + text.slice(done), position: (index) => shifted(ranges, marks, index) };
}

/**
 * Finds the secrets of a text. If a variable, argument or file is used as a password (`-p "$X"`),
 * whatever was stored there is a secret too, so the text is read again.
 */
function secretRanges(text: string): TextRange[] {
  if (!mayHoldSecret(text)) return [];
  const ranges: TextRange[] = [];
  let travels = new Travels();
  for (let reading = 0; reading < readingsMax; reading += 1) {
    const found = findSecrets(text, travels);
    for (const range of found) ranges.push(range);
    if (!travels.hasNews) break;
    travels = new Travels(travels.all);
  }
  const merged = mergeRanges(ranges);
  return mergeRanges([...merged, ...repeated(text, merged)]);
}

/** Finds secrets again where they appear as a word without a name. */
function repeated(text: string, ranges: readonly TextRange[]): TextRange[] {
  const secrets = new Set<string>();
  for (const { start, end } of ranges) {
    const secret = end - start > secretCharactersMax ? '' : text.slice(start, end);
    if (secret.length >= secretCharactersMin && looksRandom(secret)) secrets.add(secret);
  }
  if (secrets.size === 0) return [];
  return Array.from(text.matchAll(words), ({ index, 0: word }) => ({
    start: index,
    end: secrets.has(word) ? index + word.length : index,
  })).filter(({ start, end }) => end > start);
}

function shifted(ranges: readonly TextRange[], marks: readonly number[], index: number): number {
  const last = rangesBefore(ranges, index) - 1;
  const { end } = ranges[last] ?? { end: 0 };
  const mark = marks[last];
  if (mark === undefined) return index;
  return index < end ? mark : mark + redactionMark.length + (index - end);
}

/** How many ranges begin before a position. @param ranges in ascending order */
function rangesBefore(ranges: readonly TextRange[], index: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.start ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
