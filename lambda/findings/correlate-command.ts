import { asEvidence } from './change.ts';
import { type CorrelationPass, findOpenChange, joinChange } from './correlation-pass.ts';
import { changeKey } from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/**
 * An echoed command waits for its outcome. One that is echoed again is evidence of the command that
 * waits already, or of the change that it made.
 */
export function takeCommand(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { commands } = pass.state;
  const key = changeKey(signal);
  const open = findOpenChange(pass, key, event.timestamp);
  const pending = commands.find((command) => !command.claimed && command.key === key);
  if (pending !== undefined) {
    pending.evidence.push(asEvidence(event));
    pending.detections = [...new Set([...pending.detections, ...signal.detections])];
  } else if (open !== undefined) {
    joinChange(pass, open, event, signal);
  } else {
    commands.push({
      signal,
      key,
      epochMs: event.timestamp,
      evidence: [asEvidence(event)],
      detections: [...signal.detections],
      claimed: false,
    });
  }
}
