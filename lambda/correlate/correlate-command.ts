import type { Change } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import { higherSeverity } from '../model/finding.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { addDetections, addEvidence, asEvidence } from './change.ts';
import { confirmCommands } from './correlate-statement.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
  reachOf,
} from './correlation-pass.ts';
import { changeKey } from './same-change.ts';
import type { WaitingCommand } from './waiting-commands.ts';

/**
 * Makes an echoed command wait for its outcome. A repeated echo is evidence of the command that
 * already waits, or of the change it made; but after a command that failed it is a new try.
 */
export function takeCommand(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { commands } = pass;
  const key = changeKey(signal);
  const exception = event.signals.find(isException);
  const known = commands.unclaimed(key);
  const change = known === undefined ? changeOf(pass, event, key) : undefined;
  if (change !== undefined) {
    joinChange(pass, change, event, signal);
    // A command that is known to have worked must not be milder than one whose outcome is unknown.
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

/** Lines that are stored for one repeated command; a finding shows no more of them. */
const evidenceMax = 100;

/** The change that an echoed command belongs to, if it is not a new try. */
function changeOf(pass: CorrelationPass, event: ObservedEvent, key: string): Change | undefined {
  const open = findOpenChange(pass, key, event.timestamp);
  if (open !== undefined) return open;
  // An echo in a report of the failure is no new try.
  const isReport = event.signals.some(
    (signal) => isException(signal) || (signal.kind === 'failure' && changeKey(signal) === key),
  );
  return isReport ? pass.open.failed(key, reachOf(pass, event.timestamp)) : undefined;
}

function isException({ kind, outcome }: Signal): boolean {
  return kind === 'result' && outcome === 'failed';
}

/** Whether psql's answer is in the same event as the trace. */
function isClientsAnswer({ kind, object }: Signal): boolean {
  return kind === 'result' && object !== undefined;
}

/**
 * Settles a command that failed, according to the log. The author of the command could have written
 * that line too, so the change is at least medium: people are still notified.
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
