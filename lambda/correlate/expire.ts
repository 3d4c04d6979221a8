import { lateWriteMs, requestHoldMs, writeHoldMs } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import { higherSeverity, type Severity } from '../model/severity.ts';
import type { Signal } from '../model/signal.ts';
import { addDetections, addEvidence, addSubjects, hasRoomFor, startChange } from './change.ts';
import { type CorrelationPass, joinChange, openChange, reachOf } from './correlation-pass.ts';
import { firstAtOrAfter, isParsed, isReading, type PendingRequest, refusalOf } from './refusal.ts';
import { changeKey, isRoleEdit, writeBelongsTo } from './same-change.ts';
import type { WaitingCommand, WaitingWrite } from './waiting-commands.ts';

const outcomes = { refused: 'denied', 'not refused': 'succeeded', uncertain: 'unknown' } as const;

/**
 * All lines of the request have arrived: was it refused, and what did it write? Only a failure or
 * refusal that the server's own lines show makes a request low; any other request that is not known
 * to have worked is medium.
 */
function endRequest(pass: CorrelationPass, request: PendingRequest): void {
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

/**
 * Decides everything whose wait ended before an event time, in the order of the deadlines: one call
 * or a hundred on the way there make no difference.
 */
export function expireBefore(pass: CorrelationPass, epochMs: number): void {
  while (resolveEarliest(pass, epochMs));
}

/**
 * Resolves what is due first, if it is due before `epochMs`. Each list is in time order and its
 * members wait equally long, so only the heads need checking.
 */
function resolveEarliest(pass: CorrelationPass, epochMs: number): boolean {
  const command = pass.commands.first();
  const request = pass.requests[pass.undecided];
  const write = pass.writes.first();
  const commandDue = command ? command.epochMs + pass.settings.correlateSeconds * 1000 : Infinity;
  const requestDue = request ? request.event.timestamp + requestHoldMs : Infinity;
  const writeDue = write ? write.event.timestamp + writeHoldMs + requestHoldMs : Infinity;
  const due = Math.min(commandDue, requestDue, writeDue);
  if (due >= epochMs) return false;
  if (command && due === commandDue) endCommand(pass, command);
  else if (request && due === requestDue) {
    forgetBefore(pass, request.event.timestamp - 2 * requestHoldMs);
    pass.undecided += 1;
    endRequest(pass, request);
  } else if (write) endWrite(pass, write);
  return true;
}

/** Drops the requests and denials that no later request can relate to. */
function forgetBefore(pass: CorrelationPass, epochMs: number): void {
  const old = firstAtOrAfter(pass.requests, epochMs);
  // A list is cut when half of it is old, so that the cost of a cut is spread over its entries.
  if (old * 2 > pass.requests.length) {
    pass.requests = pass.requests.slice(old);
    pass.undecided -= old;
  }
  const oldDenials = firstAtOrAfter(pass.denials, epochMs);
  if (oldDenials * 2 > pass.denials.length) pass.denials = pass.denials.slice(oldDenials);
}

/** No outcome arrived: the command alone is the finding. */
function endCommand(pass: CorrelationPass, command: WaitingCommand): void {
  pass.commands.remove(command);
  const [anchor] = command.evidence;
  if (command.claimed || anchor === undefined) return;
  const { severity } = command;
  const change = openChange(pass, anchor, command.signal, { outcome: 'unknown', severity });
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
}

/**
 * No command or request claimed the write, or the finding that would has no room for its name: it
 * was made by code in the process itself.
 */
export function endWrite(pass: CorrelationPass, write: WaitingWrite): void {
  write.taken = true;
  const { signal, event } = write;
  const { severity, verb, role } = signal;
  const edit = pass.open.latestEdit(
    changeKey(signal),
    reachOf(pass, event.timestamp),
    isRoleEdit(verb) ? role : undefined,
    event.timestamp - writeHoldMs,
  );
  if (edit === undefined && severity === 'info') return;
  const joined = edit !== undefined && hasRoomFor(edit, signal) ? edit : undefined;
  const change = joined ?? openChange(pass, event, signal, { outcome: 'succeeded', severity });
  change.severity = higherSeverity(change.severity, severity);
  joinChange(pass, change, event, signal);
}
