import { isOption, takeCommand } from './command-secrets.ts';
import { hasProgram, landmarkPattern } from './landmarks.ts';
import { takeCall, takeElement, takePairField, takeSecondMember } from './named-pair.ts';
import { takeNamed } from './named-secret.ts';
import { type QuotedLiteral, readQuotedLiteral } from './quoted-literal.ts';
import { readScript } from './read-script.ts';
import { type Findings, SecretLayer } from './secret-layer.ts';
import { isSecretName, nameCharactersMax } from './secret-names.ts';
import { takeLongOption, takeShortOption, takeUserAndPassword } from './secret-option.ts';
import { takePlainValue } from './secret-value.ts';
import { shellWordEnd } from './shell-word.ts';
import type { Span } from './span.ts';
import { TextView } from './text-view.ts';
import { takeTravelling } from './travelling-values.ts';
import type { Travels } from './travels.ts';

/** Texts inside of texts: JSON around a Python list around `bash -c` around a function's body. */
const depthMax = 6;

/** The shortest text that holds a secret: `-px`. */
const secretTextMin = 3;

/** One a depth, since a reader is in the middle of its own when it starts another one. */
const landmarks = Array.from({ length: depthMax + 1 }, landmarkPattern);

/** `-'p'`, `--pass\\word`, `OPTION=-p`, and what takes secrets from elsewhere. */
const hasDressedOption =
  /(?:^|\s)["'\\$]{0,3}-[\w-]{0,40}["'\\]|=["']?-|-p["']|-stdin|with-token|xargs|--value|-p\s{0,9}$|[=]\(/;

const keyGap = /\s*(?:\]\s*)?(?::|=>|=)\s*/y;
const listGap = /\s*,\s*/y;
const bearerToken = /[\w.~+/=-]+/y;

/** @param travels where secrets come from, as far as it is known; what is found is added */
export function findSecrets(text: string, travels: Travels): readonly Span[] {
  const findings: Findings = { spans: [], travels };
  readLayer(new SecretLayer(new TextView(text), 0, findings));
  return findings.spans;
}

/** Goes from landmark to landmark; each quoted text is a layer of its own. */
function readLayer(layer: SecretLayer): void {
  if (mayHoldCommands(layer)) takeScript(layer);
  const pattern = landmarks[layer.depth] ?? landmarkPattern();
  pattern.lastIndex = 0;
  for (let match = pattern.exec(layer.text); match; match = pattern.exec(layer.text)) {
    const next = takeLandmark(layer, match);
    pattern.lastIndex = next > match.index ? next : match.index + 1;
  }
}

/** Whether a layer has a command whose words say more to its program than to a reader of names. */
function mayHoldCommands({ text, findings }: SecretLayer): boolean {
  if (!findings.travels.isEmpty()) return true;
  return hasProgram.test(text) || hasDressedOption.test(text);
}

function takeScript(layer: SecretLayer): void {
  const script = readScript(layer.view, layer.closer);
  for (const command of script.commands) takeCommand(layer, command);
  takeTravelling(layer, script);
}

/** Takes what begins at a landmark; returns where to read on. */
function takeLandmark(
  layer: SecretLayer,
  { index, 0: mark, 1: credential }: RegExpExecArray,
): number {
  const end = index + mark.length;
  if (credential !== undefined) return takeCredential(layer, index, end);
  const last = mark.at(-1);
  if (last === '"' || last === "'") return takeQuoted(layer, end - 1);
  if (mark === '://') return takeUrl(layer, layer.urls.password(index), end);
  if (mark.startsWith('%')) return takeUrl(layer, layer.urls.encodedPassword(index), end);
  if (mark === '-p' || /^-v+p$/.test(mark)) return takeShortOption(layer, end);
  if (mark === '-u') return takeUserAndPassword(layer, end);
  if (mark.startsWith('--')) return takeLongOption(layer, mark.slice(2), end);
  if (/\s$/.test(mark)) return layer.takeMatched(bearerToken, end);
  if (last === ':') return layer.take(end, shellWordEnd(layer.text, end, layer.closer));
  if (/^-[A-Za-z]/.test(mark) && ' \t'.includes(layer.text[end] ?? '=')) {
    return takeLongOption(layer, mark.slice(1), end);
  }
  if (last === '(') return takeCall(layer, mark.slice(0, -1), end);
  if (last === '>') return takeElement(layer, mark, end);
  return takeNamed(layer, mark.replace(/^-+/, ''), index, end);
}

function takeUrl(layer: SecretLayer, password: Span | undefined, end: number): number {
  if (password !== undefined) layer.take(password.start, password.end);
  return end;
}

/** @param index of the quote */
function takeQuoted(layer: SecretLayer, index: number): number {
  const { view, closer, depth } = layer;
  const literal = depth < depthMax ? readQuotedLiteral(view, index, closer) : undefined;
  if (literal === undefined) return index + 1;
  const content = literal.content.text;
  if (content.length <= nameCharactersMax) {
    const next = takeAfterQuoted(layer, index, literal);
    if (next !== undefined) return next;
  }
  readInside(layer, literal);
  return literal.end;
}

/** Takes the value that a short quoted text names; returns where to read on, if there is one. */
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
  return takePairField(layer, content, end);
}

function readInside({ depth, findings }: SecretLayer, { content }: QuotedLiteral): void {
  if (content.text.length < secretTextMin) return;
  readLayer(new SecretLayer(content, depth + 1, findings));
}

function takeCredential(layer: SecretLayer, index: number, end: number): number {
  if (!layer.text.startsWith('-----BEGIN', index)) return layer.take(index, end);
  const last = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
  last.lastIndex = end;
  const close = last.exec(layer.text);
  return layer.take(end, close?.index ?? layer.text.length);
}
