import { higherSeverity } from '../model/finding.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
} from './correlation-pass.ts';
import { changeKey } from './same-change.ts';

/** A line that is correlated with nothing joins the change of its key, or becomes one. */
export function takeNotice(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { severity } = signal;
  const open = findOpenChange(pass, changeKey(signal), event.timestamp);
  // `info` is evidence only: it never makes a finding by itself.
  if (open === undefined && severity === 'info') return;
  const change = open ?? openChange(pass, event, signal, { outcome: 'unknown', severity });
  change.severity = higherSeverity(change.severity, severity);
  joinChange(pass, change, event, signal);
}
