import { addDetections, addEvidence, addSubjects, higherSeverity, startChange } from './change.ts';
import {
  type Change,
  type CorrelationSettings,
  lateWriteMs,
  type PendingCommand,
  type PendingRequest,
  type PendingWrite,
  requestHoldMs,
  type StreamState,
  writeHoldMs,
} from './correlation-state.ts';
import { refusalOf } from './refusal.ts';
import { changeKey, sameRoleEdit, writeBelongsTo } from './same-change.ts';
import type { Signal } from './signal.ts';

/**
 * Decides everything whose wait ended before an event time, in the order of the deadlines: whether
 * this is called once or a hundred times on the way makes no difference.
 *
 * @param mark is told every change that is new or has changed
 */
export function expireBefore(
  state: StreamState,
  epochMs: number,
  settings: CorrelationSettings,
  mark: (change: Change) => void,
): void {
  const correlateMs = settings.correlateSeconds * 1000;
  while (resolveEarliest(state, epochMs, settings, mark));
  const oldestMs = epochMs - 2 * requestHoldMs;
  state.requests = withoutOlder(state.requests, ({ event }) => event.timestamp >= oldestMs);
  state.denials = withoutOlder(state.denials, ({ event }) => event.timestamp >= oldestMs);
  state.open = withoutOlder(state.open, (change) => change.anchorEpochMs + correlateMs >= epochMs);
}

/** The same array where nothing is old: this runs for every event, over lists that can be long. */
function withoutOlder<T>(list: T[], isYoung: (item: T) => boolean): T[] {
  return list.every(isYoung) ? list : list.filter(isYoung);
}

/**
 * Resolves what is due first, if it is due before `epochMs`. Each list is in time order and its
 * members wait equally long, so that only the heads need a look.
 */
function resolveEarliest(
  state: StreamState,
  epochMs: number,
  settings: CorrelationSettings,
  mark: (change: Change) => void,
): boolean {
  const [command] = state.commands;
  const request = state.requests.find(({ resolved }) => !resolved);
  const [write] = state.writes;
  const commandDue = command ? command.epochMs + settings.correlateSeconds * 1000 : Infinity;
  const requestDue = request ? request.event.timestamp + requestHoldMs : Infinity;
  const writeDue = write ? write.event.timestamp + writeHoldMs + requestHoldMs : Infinity;
  const due = Math.min(commandDue, requestDue, writeDue);
  if (due >= epochMs) return false;
  if (command && due === commandDue) endCommand(state, command, settings, mark);
  else if (request && due === requestDue) endRequest(state, request, settings, mark);
  else if (write) endWrite(state, write, settings, mark);
  return true;
}

/** No outcome came: the command alone is the finding. */
function endCommand(
  state: StreamState,
  command: PendingCommand,
  settings: CorrelationSettings,
  mark: (change: Change) => void,
): void {
  state.commands = state.commands.filter((other) => other !== command);
  const [anchor] = command.evidence;
  if (command.claimed || anchor === undefined) return;
  const change = startChange(settings, anchor, command.signal, {
    outcome: 'unknown',
    severity: 'medium',
  });
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  state.open.push(change);
  mark(change);
}

const outcomes = { refused: 'denied', 'not refused': 'succeeded', uncertain: 'unknown' } as const;

/** All lines of the request are there: was it refused, and what did it write? */
function endRequest(
  state: StreamState,
  request: PendingRequest,
  settings: CorrelationSettings,
  mark: (change: Change) => void,
): void {
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
  mark(change);
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

/** Neither a command nor a request took the write: it was made by code in the process itself. */
function endWrite(
  state: StreamState,
  write: PendingWrite,
  settings: CorrelationSettings,
  mark: (change: Change) => void,
): void {
  state.writes = state.writes.filter((other) => other !== write);
  const { signal, event } = write;
  const key = changeKey(signal);
  const joined = state.open.findLast(
    (change) =>
      !change.closed &&
      change.outcome === 'succeeded' &&
      event.timestamp - change.anchorEpochMs <= settings.correlateSeconds * 1000 &&
      (change.key === key ||
        (Math.abs(event.timestamp - change.anchorEpochMs) <= writeHoldMs &&
          sameRoleEdit({ verb: change.verb, role: change.roles[0] }, signal))),
  );
  if (joined === undefined && signal.severity === 'info') return;
  const change =
    joined ??
    startChange(settings, event, signal, { outcome: 'succeeded', severity: signal.severity });
  if (joined === undefined) state.open.push(change);
  addEvidence(change, [event]);
  addDetections(change, signal.detections);
  addSubjects(change, signal);
  change.severity = higherSeverity(change.severity, signal.severity);
  mark(change);
}
