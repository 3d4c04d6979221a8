import { addDetections, addEvidence, addSubjects, higherSeverity, startChange } from './change.ts';
import { type CorrelationPass, markChanged } from './correlation-pass.ts';
import {
  lateWriteMs,
  type PendingRequest,
  type PendingWrite,
  type StreamState,
  writeHoldMs,
} from './correlation-state.ts';
import { refusalOf } from './refusal.ts';
import { writeBelongsTo } from './same-change.ts';
import type { Signal } from './signal.ts';

const outcomes = { refused: 'denied', 'not refused': 'succeeded', uncertain: 'unknown' } as const;

/** All lines of the request are there: was it refused, and what did it write? */
export function endRequest(pass: CorrelationPass, request: PendingRequest): void {
  const { state, settings } = pass;
  request.resolved = true;
  const { signal, event } = request;
  if (signal.method === 'GET' || signal.method === 'HEAD') return;
  const { verdict, denials } = refusalOf(request, state.denials, state.requests);
  const answered = signal.outcome ?? 'unknown';
  const outcome = answered === 'succeeded' ? outcomes[verdict] : answered;
  const succeeded = outcome === 'succeeded';
  const change = startChange(settings, event, signal, {
    outcome,
    severity: succeeded ? signal.severity : outcome === 'unknown' ? 'medium' : 'low',
    closed: true,
  });
  for (const denial of denials) {
    addEvidence(change, [denial.event]);
    addDetections(change, denial.signal.detections);
  }
  if (succeeded) {
    for (const write of takeWrites(state, request)) {
      addEvidence(change, [write.event]);
      addDetections(change, write.signal.detections);
      addSubjects(change, write.signal);
      change.severity = higherSeverity(change.severity, write.signal.severity);
    }
  }
  markChanged(pass, change);
}

/** The security manager's lines of this request, taken out of the waiting ones. */
function takeWrites(state: StreamState, request: PendingRequest): PendingWrite[] {
  const epochMs = request.event.timestamp;
  const recent = state.writes.filter(
    ({ event }) =>
      event.timestamp >= epochMs - writeHoldMs && event.timestamp <= epochMs + lateWriteMs,
  );
  // A POST names neither the user nor the role it makes: the first that waits is its own.
  const made = recent.find(({ signal }) => signal.verb === request.signal.verb)?.signal;
  const owner: Signal = {
    ...request.signal,
    target: nameIn(request.signal) ?? made?.target,
    role: request.signal.role ?? made?.role,
  };
  const mine = recent.filter(
    ({ signal, event }) =>
      writeBelongsTo(signal, owner) &&
      !(event.timestamp > epochMs && belongsToLater(state, request, { signal, event })),
  );
  state.writes = state.writes.filter((write) => !mine.includes(write));
  return mine;
}

/** Forms know a record by its number, which no line of the security manager tells. */
function nameIn({ target }: Signal): string | undefined {
  return target !== undefined && /^\d+$/.test(target) ? undefined : target;
}

/** A line behind this request's may be of the next one, which is logged behind it. */
function belongsToLater(state: StreamState, request: PendingRequest, write: PendingWrite): boolean {
  return state.requests.some(
    (other) =>
      other !== request &&
      !other.resolved &&
      other.event.timestamp >= write.event.timestamp &&
      other.signal.outcome === 'succeeded' &&
      writeBelongsTo(write.signal, other.signal),
  );
}
