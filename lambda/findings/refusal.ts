import { type PendingDenial, type PendingRequest, requestHoldMs } from './correlation-state.ts';
import { denialFits } from './same-change.ts';

/** Whether a request was refused, as far as the lines around it tell. */
interface Refusal {
  readonly verdict: 'refused' | 'not refused' | 'uncertain';
  /** The lines that say so; none unless it is certain. */
  readonly denials: readonly PendingDenial[];
}

/** A denial that stands so far behind a request's line may be its own: two pipes. */
const lateDenialMs = 50;

/** A denial that stands so shortly before a request's line is most likely its own. */
const likelyMs = 500;

/** FAB's decorators log a denial once for each handler, within so many milliseconds. */
const twinMs = 20;

/**
 * Whether a request that was answered by a redirect was refused.
 *
 * A refused write answers with a redirect exactly as a successful one does, and so does a refused
 * look at the form, which logs the same denial. So a write counts as refused only if there are as many
 * denials before it as requests that could have caused them: refused looks cannot hide another one's
 * write. A denial right before one of several makes all of them uncertain.
 *
 * @param denials of the stream, in time order
 * @param requests of the stream, the one in question and looks at forms (GET) included
 */
export function refusalOf(
  request: PendingRequest,
  denials: readonly PendingDenial[],
  requests: readonly PendingRequest[],
): Refusal {
  const { signal, event } = request;
  const own = denials.filter(
    (denial) =>
      denial.event.timestamp >= event.timestamp - requestHoldMs &&
      denial.event.timestamp <= event.timestamp + lateDenialMs &&
      denialFits(denial.signal, signal),
  );
  const [first] = own;
  if (first === undefined || !isRedirect(request)) return { verdict: 'not refused', denials: [] };
  const causes = requests.filter(
    (other) =>
      isRedirect(other) &&
      other.signal.object === signal.object &&
      other.signal.verb === signal.verb &&
      other.event.timestamp >= first.event.timestamp - lateDenialMs &&
      other.event.timestamp <= event.timestamp + requestHoldMs,
  );
  if (withoutTwins(own).length >= causes.length) {
    return { verdict: 'refused', denials: latestOf(own) };
  }
  const isLikely = own.some(({ event: { timestamp } }) => event.timestamp - timestamp <= likelyMs);
  return { verdict: isLikely ? 'uncertain' : 'not refused', denials: [] };
}

/** The latest denial and its twins: those before it are of other requests. */
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

function isRedirect({ signal: { status } }: PendingRequest): boolean {
  return status !== undefined && status >= 300 && status < 400;
}
