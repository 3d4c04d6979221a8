import { addDetections, addEvidence, asEvidence, higherSeverity } from './change.ts';
import { confirmCommands } from './correlate-statement.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
  reachOf,
} from './correlation-pass.ts';
import type { Change } from './correlation-state.ts';
import type { Outcome } from './finding.ts';
import { changeKey } from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';
import type { WaitingCommand } from './waiting-commands.ts';

/**
 * An echoed command waits for its outcome. One that is echoed again is evidence of the command that
 * waits already, or of the change that it made; but it is a new try where the one before came to
 * nothing.
 */
export function takeCommand(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { commands } = pass;
  const key = changeKey(signal);
  const exception = event.signals.find(isException);
  const known = commands.unclaimed(key);
  const change = known === undefined ? changeOf(pass, event, key) : undefined;
  if (change !== undefined) {
    joinChange(pass, change, event, signal);
    // A command that is known to have worked is never milder than one whose outcome is unknown.
    change.severity = higherSeverity(change.severity, signal.severity);
    return;
  }
  if (known !== undefined) {
    if (known.evidence.length < evidenceMax) known.evidence.push(asEvidence(event));
    known.detections = [...new Set([...known.detections, ...signal.detections])];
    known.severity = higherSeverity(known.severity, signal.severity);
  }
  const waiting =
    known ??
    commands.add({
      signal,
      key,
      epochMs: event.timestamp,
      evidence: [asEvidence(event)],
      detections: [...signal.detections],
      severity: signal.severity,
    });
  if (event.signals.some(isClientsAnswer)) confirmCommands(pass);
  else if (exception !== undefined && waiting.signal.silenced !== true) {
    settle(pass, waiting, 'failed', event, exception);
  }
}

/** Lines of one command that is echoed again and again; a finding shows no more of them. */
const evidenceMax = 100;

/** The change that a command which is echoed (again) belongs to. */
function changeOf(pass: CorrelationPass, event: ObservedEvent, key: string): Change | undefined {
  const open = findOpenChange(pass, key, event.timestamp);
  if (open !== undefined) return open;
  // A report of the failure is no new try.
  const isReport = event.signals.some(
    (signal) => isException(signal) || (signal.kind === 'failure' && changeKey(signal) === key),
  );
  return isReport ? pass.open.failed(key, reachOf(pass, event.timestamp)) : undefined;
}

function isException({ kind, outcome }: Signal): boolean {
  return kind === 'result' && outcome === 'failed';
}

/** One event holds a trace and what psql answered to it. */
function isClientsAnswer({ kind, object }: Signal): boolean {
  return kind === 'result' && object !== undefined;
}

/**
 * A command that came to nothing, as the log says. Whoever wrote the command could have written that as
 * well: people are notified of it all the same.
 */
export function settle(
  pass: CorrelationPass,
  command: WaitingCommand,
  outcome: Outcome,
  event: ObservedEvent,
  by: Signal,
): void {
  const anchor = command.evidence[0] ?? asEvidence(event);
  const severity = higherSeverity('medium', by.severity);
  const change = openChange(pass, anchor, command.signal, { outcome, severity });
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  pass.commands.remove(command);
  joinChange(pass, change, event, { ...by, target: undefined, role: undefined });
}
