import { lateWriteMs, writeHoldMs } from '../model/correlation-state.ts';
import type { Outcome, Severity } from '../model/finding.ts';
import { higherSeverity } from '../model/finding.ts';
import type { Signal } from '../model/signal.ts';
import { addDetections, addEvidence, addSubjects, startChange } from './change.ts';
import type { CorrelationPass } from './correlation-pass.ts';
import { isParsed, isReading, type PendingRequest, refusalOf } from './refusal.ts';
import { writeBelongsTo } from './same-change.ts';
import type { WaitingWrite } from './waiting-writes.ts';

const outcomes = { refused: 'denied', 'not refused': 'succeeded', uncertain: 'unknown' } as const;

/**
 * All lines of the request have arrived: was it refused, and what did it write? Only a failure or
 * refusal that the server's own lines show makes a request low; any other request that is not known
 * to have worked is medium.
 */
export function endRequest(pass: CorrelationPass, request: PendingRequest): void {
  const { settings } = pass;
  const { signal, event } = request;
  if (isReading(request)) return;
  const { verdict, denials } = refusalOf(request, pass.denials, pass.requests);
  const answered = isParsed(request) ? (signal.outcome ?? 'unknown') : 'unknown';
  const outcome = answered === 'succeeded' ? outcomes[verdict] : answered;
  const severity = severityOf(outcome, signal);
  const change = startChange(settings, event, signal, { outcome, severity, closed: true });
  for (const denial of denials) {
    addEvidence(change, [denial.event]);
    addDetections(change, denial.signal.detections);
  }
  if (outcome === 'succeeded') {
    for (const write of takeWrites(pass, request)) {
      addEvidence(change, [write.event]);
      addDetections(change, write.signal.detections);
      addSubjects(change, write.signal);
      change.severity = higherSeverity(change.severity, write.signal.severity);
    }
  }
  pass.changes.push(change);
}

function severityOf(outcome: Outcome, { severity }: Signal): Severity {
  if (outcome === 'succeeded') return severity;
  return outcome === 'unknown' ? 'medium' : 'low';
}

/** Takes this request's lines of the security manager out of the waiting ones. */
function takeWrites(pass: CorrelationPass, request: PendingRequest): readonly WaitingWrite[] {
  const epochMs = request.event.timestamp;
  const untilMs = epochMs + lateWriteMs;
  // A POST names neither the user nor the role that it creates: the first waiting line is its own.
  const made = pass.writes.firstOf(request.signal.verb, epochMs - writeHoldMs, untilMs);
  const owner: Signal = {
    ...request.signal,
    target: nameIn(request.signal) ?? made?.target,
    role: request.signal.role ?? made?.role,
  };
  return pass.writes
    .takeFor(owner, epochMs, ({ signal, event }) => {
      if (event.timestamp <= epochMs) return true;
      return event.timestamp <= untilMs && !belongsToLater(pass, { signal, event });
    })
    .toReversed();
}

/** Forms identify a record by its number, which no line of the security manager shows. */
function nameIn({ target }: Signal): string | undefined {
  return target !== undefined && /^\d+$/.test(target) ? undefined : target;
}

/** A line after this request's own may belong to the next request, which is logged after it. */
function belongsToLater(
  { requests, undecided }: CorrelationPass,
  write: Pick<WaitingWrite, 'signal' | 'event'>,
): boolean {
  return requests.some(
    (other, at) =>
      at >= undecided &&
      other.event.timestamp >= write.event.timestamp &&
      other.signal.outcome === 'succeeded' &&
      writeBelongsTo(write.signal, other.signal),
  );
}
