import { createHash } from 'node:crypto';
import { severityRank } from '../model/finding.ts';
import type { MatchedEvent } from '../model/matched-event.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import type { DetectionsById } from '../plan/detection-in-plan.ts';
import { redact } from '../redact/redact.ts';
import { chooseSignals } from './choose-signals.ts';
import { cutOf } from './cut-event.ts';
import { cutAround } from './cut-message.ts';
import { readSignals } from './read-signals.ts';

/** A matched event, how often it is in the log, and its {@link eventKey} if that is known. */
export type CountedEvent = MatchedEvent & {
  readonly occurrences?: number;
  readonly key?: string;
};

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

/** How to read the events of one environment. */
export interface ObserveContext {
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
