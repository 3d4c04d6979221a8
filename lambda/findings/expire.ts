import { addDetections, addEvidence, higherSeverity } from './change.ts';
import {
  type CorrelationPass,
  isWithinReach,
  joinChange,
  markChanged,
  openChange,
} from './correlation-pass.ts';
import {
  type PendingCommand,
  type PendingWrite,
  requestHoldMs,
  writeHoldMs,
} from './correlation-state.ts';
import { endRequest } from './expire-request.ts';
import { changeKey, sameRoleEdit } from './same-change.ts';

/**
 * Decides everything whose wait ended before an event time, in the order of the deadlines: whether
 * this is called once or a hundred times on the way makes no difference.
 */
export function expireBefore(pass: CorrelationPass, epochMs: number): void {
  const { state } = pass;
  while (resolveEarliest(pass, epochMs));
  const oldestMs = epochMs - 2 * requestHoldMs;
  state.requests = withoutOlder(state.requests, ({ event }) => event.timestamp >= oldestMs);
  state.denials = withoutOlder(state.denials, ({ event }) => event.timestamp >= oldestMs);
  state.open = withoutOlder(state.open, (change) => isWithinReach(pass, change, epochMs));
}

/** The same array where nothing is old: this runs for every event, over lists that can be long. */
function withoutOlder<T>(list: T[], isYoung: (item: T) => boolean): T[] {
  return list.every(isYoung) ? list : list.filter(isYoung);
}

/**
 * Resolves what is due first, if it is due before `epochMs`. Each list is in time order and its
 * members wait equally long, so that only the heads need a look.
 */
function resolveEarliest(pass: CorrelationPass, epochMs: number): boolean {
  const { state, settings } = pass;
  const [command] = state.commands;
  const request = state.requests.find(({ resolved }) => !resolved);
  const [write] = state.writes;
  const commandDue = command ? command.epochMs + settings.correlateSeconds * 1000 : Infinity;
  const requestDue = request ? request.event.timestamp + requestHoldMs : Infinity;
  const writeDue = write ? write.event.timestamp + writeHoldMs + requestHoldMs : Infinity;
  const due = Math.min(commandDue, requestDue, writeDue);
  if (due >= epochMs) return false;
  if (command && due === commandDue) endCommand(pass, command);
  else if (request && due === requestDue) endRequest(pass, request);
  else if (write) endWrite(pass, write);
  return true;
}

/** No outcome came: the command alone is the finding. */
function endCommand(pass: CorrelationPass, command: PendingCommand): void {
  const { state } = pass;
  state.commands = state.commands.filter((other) => other !== command);
  const [anchor] = command.evidence;
  if (command.claimed || anchor === undefined) return;
  const how = { outcome: 'unknown', severity: 'medium' } as const;
  const change = openChange(pass, anchor, command.signal, how);
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  markChanged(pass, change);
}

/** Neither a command nor a request took the write: it was made by code in the process itself. */
function endWrite(pass: CorrelationPass, write: PendingWrite): void {
  const { state } = pass;
  state.writes = state.writes.filter((other) => other !== write);
  const { signal, event } = write;
  const { severity } = signal;
  const key = changeKey(signal);
  const joined = state.open.findLast(
    (change) =>
      !change.closed &&
      change.outcome === 'succeeded' &&
      isWithinReach(pass, change, event.timestamp) &&
      (change.key === key ||
        (Math.abs(event.timestamp - change.anchorEpochMs) <= writeHoldMs &&
          sameRoleEdit({ verb: change.verb, role: change.roles[0] }, signal))),
  );
  if (joined === undefined && severity === 'info') return;
  const change = joined ?? openChange(pass, event, signal, { outcome: 'succeeded', severity });
  change.severity = higherSeverity(change.severity, severity);
  joinChange(pass, change, event, signal);
}
