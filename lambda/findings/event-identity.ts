import { createHash } from 'node:crypto';
import { redact } from '../redact.ts';
import { cutAround } from './cut-message.ts';
import type { MatchedEvent } from './matched-event.ts';
import { cleanSignal, type ObservedEvent, type Signal } from './signal.ts';

/** A matched event, and how often this very event stood in the log. */
type CountedEvent = MatchedEvent & { readonly occurrences?: number };

/**
 * What makes an event this event: a hash of log group, stream, timestamp and the message as it was
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
 * An event as the correlation keeps it: known by its key, its message redacted first and then cut to
 * 1 kB around what it was found for.
 *
 * @param anchors texts that detections look for; the first that is there is in what is kept
 */
export function observe(
  event: CountedEvent,
  signals: readonly Signal[],
  anchors: readonly string[] = [],
): ObservedEvent {
  const { logGroup, logStream, timestamp, message, occurrences = 1 } = event;
  const redacted = redact(message);
  const position = redacted.position(positionOfInterest(message, signals, anchors));
  return {
    key: eventKey(event),
    logGroup,
    logStream,
    timestamp,
    message: cutAround(redacted.text, position),
    occurrences,
    signals: withinBytes(signals.map(cleanSignal)),
  };
}

/** A hostile line can name more than the ledger holds in one item: what is too much is let go. */
const signalBytesMax = 100_000;

function withinBytes(signals: readonly Signal[]): readonly Signal[] {
  let bytes = 0;
  return signals.filter((signal) => {
    bytes += Buffer.byteLength(JSON.stringify(signal));
    return bytes <= signalBytesMax;
  });
}

/** The first anchor; without one, the first name that was read. */
function positionOfInterest(
  message: string,
  signals: readonly Signal[],
  anchors: readonly string[],
): number {
  const names = signals.flatMap(({ target, role, object }) => [target, role, object]);
  return firstOf(message, anchors) ?? firstOf(message, names) ?? 0;
}

function firstOf(message: string, texts: readonly (string | undefined)[]): number | undefined {
  const found = texts
    .map((text) => (text === undefined || text === '' ? -1 : message.indexOf(text)))
    .filter((index) => index >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}
