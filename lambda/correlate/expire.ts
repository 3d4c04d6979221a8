import { requestHoldMs, writeHoldMs } from '../model/correlation-state.ts';
import { higherSeverity } from '../model/finding.ts';
import { addDetections, addEvidence, hasRoomFor } from './change.ts';
import { type CorrelationPass, joinChange, openChange, reachOf } from './correlation-pass.ts';
import { endRequest } from './expire-request.ts';

import { firstAtOrAfter } from './refusal.ts';
import { changeKey, isRoleEdit } from './same-change.ts';
import type { WaitingCommand } from './waiting-commands.ts';
import type { WaitingWrite } from './waiting-writes.ts';

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
