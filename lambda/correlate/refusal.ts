import { type EvidenceEvent, requestHoldMs } from '../model/correlation-state.ts';
import type { Signal } from '../model/signal.ts';
import { denialFits } from './same-change.ts';

/** An access-log line that waits until all lines of its request have arrived. */
export interface PendingRequest {
  readonly signal: Signal;
  readonly event: EvidenceEvent;
}

export interface PendingDenial {
  readonly signal: Signal;
  readonly event: EvidenceEvent;
}

/** Whether a request was refused, as far as the lines around it show. */
interface Refusal {
  readonly verdict: 'refused' | 'not refused' | 'uncertain';
  /** The lines that show it; none unless it is certain. */
  readonly denials: readonly PendingDenial[];
}

/** A denial this far after a request's line may be its own: two pipes. */
const lateDenialMs = 50;

/** A denial this shortly before a request's line is most likely its own. */
const likelyMs = 500;

/** FAB's decorators log a denial once for each handler, within this many milliseconds. */
const twinMs = 20;

/**
 * Whether a request that was answered by a redirect was refused.
 *
 * A refused write is answered with a redirect exactly as a successful one, and so is a refused view
 * of the form, which logs the same denial. So a write counts as refused only if there are as many
 * denials before it as requests that could have caused them: refused views cannot hide somebody
 * else's write, nor can a request that could not be read. A denial right before one of several
 * makes all of them uncertain.
 *
 * @param denials of the stream, in time order
 * @param requests of the stream, including the one in question and views of forms (GET)
 */
export function refusalOf(
  request: PendingRequest,
  denials: readonly PendingDenial[],
  requests: readonly PendingRequest[],
): Refusal {
  const { signal, event } = request;
  const own = between(
    denials,
    event.timestamp - requestHoldMs,
    event.timestamp + lateDenialMs,
  ).filter((denial) => denialFits(denial.signal, signal));
  const [first] = own;
  if (first === undefined || !isRedirect(request)) return { verdict: 'not refused', denials: [] };
  const around = between(
    requests,
    first.event.timestamp - lateDenialMs,
    event.timestamp + requestHoldMs,
  );
  const causes = around.filter(
    (other) => canBeDenied(other) && own.some((denial) => denialFits(denial.signal, other.signal)),
  );
  const isRead = around.every(isParsed);
  if (isRead && withoutTwins(own).length >= causes.length) {
    return { verdict: 'refused', denials: latestOf(own) };
  }
  const isLikely = own.some(({ event: { timestamp } }) => event.timestamp - timestamp <= likelyMs);
  return { verdict: isLikely ? 'uncertain' : 'not refused', denials: [] };
}

/** The part of a list in time order within a span (both ends included). */
function between<T extends { readonly event: EvidenceEvent }>(
  list: readonly T[],
  fromEpochMs: number,
  toEpochMs: number,
): readonly T[] {
  return list.slice(firstAtOrAfter(list, fromEpochMs), firstAtOrAfter(list, toEpochMs + 1));
}

/** The index of the first entry of a list in time order that is at or after `epochMs`. */
export function firstAtOrAfter(
  list: readonly { readonly event: { readonly timestamp: number } }[],
  epochMs: number,
): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.event.timestamp ?? epochMs) < epochMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a line was read up to its status; nobody knows what any other line asked for. */
export function isParsed({ signal: { verb, status } }: PendingRequest): boolean {
  return verb !== undefined && status !== undefined && Number.isInteger(status);
}

/**
 * Methods that change nothing; a refused view of a form logs the same denial as a refused write.
 */
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export function isReading({ signal: { method } }: PendingRequest): boolean {
  return method !== undefined && readingMethods.has(method);
}

/** The latest denial and its duplicates: those before it belong to other requests. */
function latestOf(denials: readonly PendingDenial[]): readonly PendingDenial[] {
  const latest = denials.at(-1);
  return denials.filter(
    ({ event }) =>
      event.message === latest?.event.message ||
      event.timestamp >= (latest?.event.timestamp ?? 0) - twinMs,
  );
}

function withoutTwins(denials: readonly PendingDenial[]): readonly PendingDenial[] {
  return denials.filter((denial, index) => {
    const before = denials[index - 1];
    if (before === undefined) return true;
    return (
      before.event.message !== denial.event.message &&
      denial.event.timestamp - before.event.timestamp > twinMs
    );
  });
}

/** The older model API answers a refused request with 401 and logs the same denial. */
function canBeDenied(request: PendingRequest): boolean {
  const { status } = request.signal;
  return isRedirect(request) || status === 401 || status === 403;
}

function isRedirect({ signal: { status } }: PendingRequest): boolean {
  return status !== undefined && status >= 300 && status < 400;
}
