import { landmarkPattern } from './landmarks.ts';
import { takeNamed } from './named-secret.ts';
import { type QuotedLiteral, readQuotedLiteral } from './quoted-literal.ts';
import { type Findings, SecretLayer } from './secret-layer.ts';
import { isSecretName, isSecretOption, nameCharactersMax } from './secret-names.ts';
import { takeLongOption, takeShortOption, takeUserAndPassword } from './secret-option.ts';
import { takePlainValue } from './secret-value.ts';
import type { Span } from './span.ts';
import { TextView } from './text-view.ts';

/** Texts inside of texts: JSON around a Python list around `bash -c` around a function's body. */
const depthMax = 6;

/** The shortest text that holds a secret: `-px`. */
const secretTextMin = 3;

/** One a depth, since a reader is in the middle of its own when it starts another one. */
const landmarks = Array.from({ length: depthMax + 1 }, landmarkPattern);

const keyGap = /\s*(?:\]\s*)?(?::|=>|=)\s*/y;
const listGap = /\s*,\s*/y;
const bearerToken = /[\w.~+/=-]+/y;

interface Secrets {
  readonly spans: readonly Span[];
  /** Shell variables whose value was given as a secret. */
  readonly variables: ReadonlySet<string>;
}

/** @param known further names whose assigned values are secrets */
export function findSecrets(text: string, known: ReadonlySet<string>): Secrets {
  const findings: Findings = { spans: [], variables: new Set(), known };
  readLayer(new SecretLayer(new TextView(text), 0, findings));
  return findings;
}

/** Goes from landmark to landmark; each quoted text is a layer of its own. */
function readLayer(layer: SecretLayer): void {
  const pattern = landmarks[layer.depth] ?? landmarkPattern();
  pattern.lastIndex = 0;
  for (let match = pattern.exec(layer.text); match; match = pattern.exec(layer.text)) {
    const next = takeLandmark(layer, match);
    pattern.lastIndex = next > match.index ? next : match.index + 1;
  }
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
    const gap = isOption(content) ? listGap : isSecretName(content) ? keyGap : undefined;
    const valueStart = gap && layer.matched(gap, literal.end);
    if (valueStart !== undefined) return takePlainValue(layer, content, valueStart);
  }
  readInside(layer, literal);
  return literal.end;
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

/** Whether a member of a list of words is an option whose value is a secret. */
function isOption(content: string): boolean {
  return /^-v*p$/.test(content) || (content.startsWith('--') && isSecretOption(content.slice(2)));
}
