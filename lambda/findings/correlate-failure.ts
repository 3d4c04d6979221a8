import { addDetections, addEvidence, asEvidence } from './change.ts';
import { type CorrelationPass, isWithinReach, joinChange, openChange } from './correlation-pass.ts';
import type { PendingCommand } from './correlation-state.ts';
import type { Outcome } from './finding.ts';
import { failureFits } from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/** A message that a command failed settles the command that it can be about. */
export function takeFailure(pass: CorrelationPass, event: ObservedEvent, failure: Signal): void {
  const failed = failedCommand(waitingCommands(pass), failure);
  if (failed !== undefined) settle(pass, failed, 'failed', event, failure);
}

function failedCommand(
  waiting: readonly PendingCommand[],
  failure: Signal,
): PendingCommand | undefined {
  const isAnybodys = [failure.target, failure.role, failure.verb].every((x) => x === undefined);
  // A message that names nothing is the only command's, where there is only one.
  if (isAnybodys) return waiting.length === 1 ? waiting[0] : undefined;
  return waiting.findLast(({ signal }) => failureFits(failure, signal));
}

/**
 * That Airflow blocked the way to the metadata database denies all commands that wait; where none
 * does, the attempt is a change of its own, and further lines of it join.
 */
export function takeBlock(pass: CorrelationPass, event: ObservedEvent, block: Signal): void {
  const waiting = waitingCommands(pass);
  for (const command of waiting) settle(pass, command, 'denied', event, block);
  if (waiting.length > 0) return;
  const recent = pass.state.open.findLast(
    (change) => change.outcome === 'denied' && isWithinReach(pass, change, event.timestamp),
  );
  const { severity } = block;
  const change = recent ?? openChange(pass, event, block, { outcome: 'denied', severity });
  joinChange(pass, change, event, block);
}

/** Commands without an outcome whose errors would be in the log. */
function waitingCommands({ state }: CorrelationPass): readonly PendingCommand[] {
  return state.commands.filter(({ claimed, signal }) => !claimed && signal.silenced !== true);
}

/** A command that is known to have come to nothing. */
function settle(
  pass: CorrelationPass,
  command: PendingCommand,
  outcome: Outcome,
  event: ObservedEvent,
  by: Signal,
): void {
  const { state } = pass;
  const anchor = command.evidence[0] ?? asEvidence(event);
  const change = openChange(pass, anchor, command.signal, { outcome, severity: 'low' });
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  state.commands = state.commands.filter((other) => other !== command);
  joinChange(pass, change, event, { ...by, target: undefined, role: undefined });
}
