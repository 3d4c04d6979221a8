import { addDetections, addEvidence, addSubjects, higherSeverity, isSummary } from './change.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
} from './correlation-pass.ts';
import {
  type Change,
  type PendingCommand,
  type StreamState,
  writeHoldMs,
} from './correlation-state.ts';
import { asDoneBy, changeKey, commandFit, verbProduces, writeBelongsTo } from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/** A line that says what happened is a change, together with its command and its writes. */
export function takeOutcome(pass: CorrelationPass, event: ObservedEvent, line: Signal): void {
  const command = bestCommand(pass.state, line);
  const signal = asDoneBy(line, command?.signal);
  const { severity } = signal;
  const change =
    changeToJoin(pass, event, signal, command) ??
    openChange(pass, event, signal, { outcome: 'succeeded', severity });
  if (command !== undefined && !change.closed) claimCommand(change, command);
  joinChange(pass, change, event, signal);
  // What was taken for failed, or not known to have worked, starts afresh with its outcome.
  change.severity =
    change.outcome === 'succeeded' ? higherSeverity(change.severity, severity) : severity;
  change.outcome = 'succeeded';
  // To know that a command worked makes it no milder than not to know.
  if (command !== undefined) change.severity = higherSeverity(change.severity, 'medium');
  claimWrites(pass.state, change, signal, event.timestamp);
}

function bestCommand({ commands }: StreamState, outcome: Signal): PendingCommand | undefined {
  let best: PendingCommand | undefined;
  let bestFit = 0;
  for (const command of commands) {
    const fit = commandFit(command, outcome);
    if (fit > bestFit) [best, bestFit] = [command, fit];
  }
  return best;
}

/** A closing line joins what it closes, unless a command of its own waits for it. */
function changeToJoin(
  pass: CorrelationPass,
  event: ObservedEvent,
  signal: Signal,
  command: PendingCommand | undefined,
): Change | undefined {
  if (isSummary(signal) && (command === undefined || command.claimed)) {
    const closes = pass.state.open.findLast(
      (change) =>
        !change.closed &&
        change.outcome === 'succeeded' &&
        verbProduces(signal.verb, change.verb) &&
        event.timestamp - latestEpochMs(change) <= writeHoldMs,
    );
    if (closes !== undefined) return closes;
  }
  return findOpenChange(pass, changeKey(signal), event.timestamp);
}

function latestEpochMs(change: Change): number {
  return change.evidence.at(-1)?.timestamp ?? change.anchorEpochMs;
}

/** Gives a command to the change that it made, which takes from it what its own line did not name. */
function claimCommand(change: Change, command: PendingCommand): void {
  command.claimed = true;
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  if (change.targets.length === 0) addSubjects(change, command.signal);
  const { role } = command.signal;
  if (change.roles.length === 0 && role !== undefined) change.roles.push(role);
}

/** Gives the security manager's lines that wait to the change that they were written for. */
function claimWrites(state: StreamState, change: Change, owner: Signal, epochMs: number): void {
  const mine = state.writes.filter(
    ({ signal, event }) =>
      epochMs - event.timestamp <= writeHoldMs && writeBelongsTo(signal, owner),
  );
  // `Updated user` names nobody that could be compared: only the latest is this command's.
  const latestUpdate = mine.findLast(({ signal }) => signal.verb === 'update-user');
  for (const write of mine) {
    if (write.signal.verb === 'update-user' && write !== latestUpdate) continue;
    addEvidence(change, [write.event]);
    addDetections(change, write.signal.detections);
    state.writes = state.writes.filter((other) => other !== write);
  }
}
