import { failureHoldMs } from '../model/correlation-state.ts';
import { higherSeverity } from '../model/finding.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { addDetections, addEvidence } from './change.ts';
import { claimCommand } from './correlate-outcome.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
} from './correlation-pass.ts';
import { changeKey } from './same-change.ts';

/**
 * SQL that a database hook is about to run. Its result comes after it; without one, it is not known
 * whether it worked, and it counts by what it touches.
 */
export function takeStatement(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { severity } = signal;
  const command = pass.commands.best(signal);
  const change =
    findOpenChange(pass, changeKey(signal), event.timestamp) ??
    openChange(pass, event, signal, { outcome: 'unknown', severity });
  if (command !== undefined) claimCommand(pass, change, command);
  joinChange(pass, change, event, signal);
  change.severity = higherSeverity(change.severity, severity);
  pass.statements.set(change, (pass.statements.get(change) ?? 0) + 1);
  pass.running = { change, epochMs: event.timestamp };
}

/**
 * The outcome of the statement before: the number of rows that it changed, or an exception right
 * after it. If one change has several statements, the failure of one says nothing about the others.
 *
 * Changed rows outweigh an earlier line that reports no success, which the statement's author could
 * have written: the change gets back the severity of what it touches.
 */
export function takeResult(pass: CorrelationPass, event: ObservedEvent, result: Signal): void {
  if (result.object !== undefined) confirmCommands(pass);
  const { running } = pass;
  if (running === undefined) return;
  const { outcome = 'unknown' } = result;
  const sinceMs = event.timestamp - running.epochMs;
  if (sinceMs > pass.settings.correlateSeconds * 1000) return;
  const { change, severityBefore } = running;
  if (outcome === 'succeeded') {
    pass.running = undefined;
    if (severityBefore === undefined) {
      change.outcome = 'succeeded';
      return;
    }
    change.outcome = 'unknown';
    change.severity = higherSeverity(change.severity, severityBefore);
    addEvidence(change, [event]);
    return;
  }
  if (outcome === 'failed' && sinceMs > failureHoldMs) return;
  if (change.outcome !== 'unknown' || pass.statements.get(change) !== 1) return;
  pass.running = { ...running, severityBefore: change.severity };
  change.outcome = outcome;
  change.severity = 'medium';
  addEvidence(change, [event]);
  addDetections(change, result.detections);
  pass.open.update(change);
}

/** The severity of SQL that a database hook announces. */
const severityOfStatements = 'critical';

/**
 * psql reports changed rows: the SQL that this stream's commands were given counts as run. A report
 * that no rows changed settles nothing, since the command's author could have printed it.
 */
export function confirmCommands(pass: CorrelationPass): void {
  for (const command of pass.commands.statements()) {
    const [anchor] = command.evidence;
    if (anchor === undefined) continue;
    const change = openChange(pass, anchor, command.signal, {
      outcome: 'succeeded',
      severity: severityOfStatements,
    });
    claimCommand(pass, change, command);
  }
}
