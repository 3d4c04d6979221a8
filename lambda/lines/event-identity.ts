import { createHash } from 'node:crypto';
import { severityRank } from '../model/severity.ts';
import type { MatchedEvent, ObservedEvent, Signal } from '../model/signal.ts';
import { verbs } from '../model/verbs.ts';
import type { DetectionsById } from '../plan/detections-by-id.ts';
import { redact } from '../redact/redact.ts';
import { cutOf } from './event-text.ts';
import { readSignals } from './read-signals.ts';

/** A matched event, how often it is in the log, and its {@link eventKey} if that is known. */
type CountedEvent = MatchedEvent & {
  readonly occurrences?: number;
  readonly key?: string;
};

/** How to read the events of one environment. */
interface ObserveContext {
  /** The plan's, by id. */
  readonly detections: DetectionsById;
  /**
   * Which Airflow wrote the lines: `2.10.3`.
   * @default unknown: what a line says of its version counts
   */
  readonly airflowVersion?: string | undefined;
}

/** Reads what an event says, redacted; an event without a signal keeps no message. */
export function observeEvent(
  event: CountedEvent,
  { detections, airflowVersion }: ObserveContext,
): ObservedEvent {
  const signals = readSignals(event, detections, airflowVersion);
  if (signals.length === 0) return observeSilent(event);
  const anchors = event.detections.flatMap((id) => detections.get(id)?.anchors ?? []);
  return observe(event, signals, anchors);
}

/**
 * An event as the correlation stores it: identified by its key, with its message redacted first and
 * then cut to 1 kB around what it was found for.
 *
 * @param anchors texts that detections search for; the first one present is in the part that is
 *   stored
 */
export function observe(
  event: CountedEvent,
  signals: readonly Signal[],
  anchors: readonly string[] = [],
): ObservedEvent {
  const { message } = event;
  const redacted = redact(message);
  const chosen = chooseSignals(signals);
  const position = redacted.position(positionOfInterest(message, chosen.signals, anchors));
  return {
    ...identityOf(event),
    message: cutAround(redacted.text, position),
    ...(signals.length > 0 && cutOf(message) !== undefined && { cut: true }),
    ...chosen,
  };
}

/**
 * An event that says nothing about privileges: it is not stored, so its message is neither redacted
 * nor kept.
 */
function observeSilent(event: CountedEvent): ObservedEvent {
  return { ...identityOf(event), message: '', signals: [] };
}

function identityOf(event: CountedEvent) {
  const { logGroup, logStream, timestamp, occurrences = 1 } = event;
  return { key: event.key ?? eventKey(event), logGroup, logStream, timestamp, occurrences };
}

/**
 * The identity of an event: a hash of log group, stream, timestamp and the message as it was
 * written.
 */
export function eventKey({
  logGroup,
  logStream,
  timestamp,
  message,
}: Pick<MatchedEvent, 'logGroup' | 'logStream' | 'timestamp' | 'message'>): string {
  return createHash('sha256')
    .update(JSON.stringify([logGroup, logStream, timestamp, message]))
    .digest('hex');
}

/**
 * The first anchor; from there on, the name in the worst signal if that is not the first signal.
 * Without an anchor, the first of the worst signal's names.
 */
function positionOfInterest(
  message: string,
  signals: readonly Signal[],
  anchors: readonly string[],
): number {
  const worst = signals.reduce<Signal | undefined>(
    (a, b) => (a && severityRank(a.severity) >= severityRank(b.severity) ? a : b),
    undefined,
  );
  const names = [worst?.target, worst?.role, worst?.object];
  const anchorAt = firstOf(message, anchors);
  if (anchorAt === undefined) return firstOf(message, names) ?? 0;
  const isFirst = worst === undefined || worst === signals[0];
  const name = isFirst ? undefined : names.find((text) => text !== undefined);
  const nameAt = name === undefined ? -1 : message.indexOf(name, anchorAt);
  return nameAt < 0 ? anchorAt : nameAt;
}

function firstOf(message: string, texts: readonly (string | undefined)[]): number | undefined {
  const found = texts
    .map((text) => (text === undefined || text === '' ? -1 : message.indexOf(text)))
    .filter((index) => index >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/**
 * Signals of one event that go into correlation and the ledger. Airflow's own lines say one thing
 * each, a script's echo about ten; a line of thousands is made to cost time, and every signal may
 * become a finding.
 */
const signalsMax = 100;

/** Their bytes as JSON: a DynamoDB item holds 400 kB, including the rest of the event. */
const signalBytesMax = 100_000;

/** Roles whose grant gives control of the environment; a command for one of them ranks first. */
const powerfulRoles: ReadonlySet<string> = new Set(['Admin', 'Op', 'Public']);

/**
 * The signals of an event that go on, in their order, and how many are left out.
 *
 * The first and the last always go on, then the worst by severity; among equals a powerful role,
 * then any name, then the earlier one. The same event results in the same signals each time it is
 * read.
 */
function chooseSignals(signals: readonly Signal[]): Pick<ObservedEvent, 'signals' | 'omitted'> {
  const candidates = signals.map((signal, at) => ({ signal, at, weight: weightOf(signal) }));
  const last = candidates.length - 1;
  const isEnd = (at: number) => (at === 0 || at === last ? 1 : 0);
  candidates.sort((a, b) => isEnd(b.at) - isEnd(a.at) || b.weight - a.weight || a.at - b.at);
  const chosen = new Set<number>();
  let bytes = 0;
  let worstOmitted: Signal | undefined;
  for (const { signal, at } of candidates) {
    const size = Buffer.byteLength(JSON.stringify(signal));
    if (chosen.size < signalsMax && bytes + size <= signalBytesMax) {
      chosen.add(at);
      bytes += size;
    } else if (severityRank(signal.severity) > rankOf(worstOmitted)) {
      worstOmitted = signal;
    }
  }
  const count = signals.length - chosen.size;
  return {
    signals: signals.filter((_, at) => chosen.has(at)),
    ...(worstOmitted && { omitted: { count, severity: worstOmitted.severity } }),
  };
}

function rankOf(signal: Signal | undefined): number {
  return signal === undefined ? -1 : severityRank(signal.severity);
}

/** Severity first; then what a command of unknown outcome may have given away. */
function weightOf({ severity, verb, target, role, object }: Signal): number {
  const gives = verb !== undefined && verbs[verb].gives === true;
  const isPowerful = gives && role !== undefined && powerfulRoles.has(role);
  const isNamed = target !== undefined || role !== undefined || object !== undefined;
  return severityRank(severity) * 3 + (isPowerful ? 2 : isNamed ? 1 : 0);
}

const ellipsis = '…';

/** Bytes of an event's message that are stored as evidence, in UTF-8. */
const evidenceBytesMax = 1024;

/** Bytes kept before the position of interest: the line's own beginning, time and module. */
const bytesBefore = 200;

/**
 * Cuts a text to a number of UTF-8 bytes around a position of interest, never within a character;
 * an ellipsis marks what is missing. Reads no more of the text than it returns.
 */
export function cutAround(text: string, position: number, bytesMax = evidenceBytesMax): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const budget = bytesMax - 2 * Buffer.byteLength(ellipsis);
  const focus = startOfCharacter(text, Math.min(position, text.length));
  const before = backwards(text, focus, Math.min(bytesBefore, budget));
  const after = forwards(text, before.at, budget);
  // Near the end of the text there is room for more of what precedes the position.
  const more = backwards(text, before.at, after.at === text.length ? budget - after.bytes : 0);
  return [
    more.at > 0 ? ellipsis : '',
    text.slice(more.at, after.at).toWellFormed(),
    after.at < text.length ? ellipsis : '',
  ].join('');
}

/** A position in a text, and the bytes between it and the starting position. */
interface Reach {
  readonly at: number;
  readonly bytes: number;
}

function forwards(text: string, from: number, bytesMax: number): Reach {
  let at = from;
  let bytes = 0;
  while (at < text.length) {
    const codePoint = text.codePointAt(at) ?? 0;
    const size = bytesOf(codePoint);
    if (bytes + size > bytesMax) break;
    bytes += size;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return { at, bytes };
}

function backwards(text: string, from: number, bytesMax: number): Reach {
  let at = from;
  let bytes = 0;
  while (at > 0) {
    const start = startOfCharacter(text, at - 1);
    const size = bytesOf(text.codePointAt(start) ?? 0);
    if (bytes + size > bytesMax) break;
    bytes += size;
    at = start;
  }
  return { at, bytes };
}

/**
 * The index of the character that contains an index: one less in the middle of a surrogate pair.
 */
function startOfCharacter(text: string, index: number): number {
  return index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff ? index - 1 : index;
}

/** Bytes in UTF-8, in which half a surrogate pair is written as U+FFFD. */
function bytesOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
