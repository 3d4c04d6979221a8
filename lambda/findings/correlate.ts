import { asEvidence, inReadingOrder, signalOrder } from './change.ts';
import { takeCommand } from './correlate-command.ts';
import { takeBlock, takeFailure } from './correlate-failure.ts';
import { takeNotice } from './correlate-notice.ts';
import { takeOutcome } from './correlate-outcome.ts';
import type { CorrelationPass } from './correlation-pass.ts';
import { type Change, type CorrelationSettings, emptyStreamState } from './correlation-state.ts';
import { expireBefore } from './expire.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/**
 * The changes that events of one log stream describe. Events are taken in time order and every
 * decision depends on event times alone: how and in which parts they were read makes no difference.
 *
 * @param events all events of the stream that a detection matched, in any order, each once
 * @param horizonEpochMs nothing earlier will come: what waits for longer than it may is decided
 * @returns in the order of their anchors
 */
export function correlateStream(
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): readonly Change[] {
  const pass: CorrelationPass = { state: emptyStreamState(), settings, changed: new Map() };
  for (const event of events.toSorted(inReadingOrder)) {
    expireBefore(pass, event.timestamp);
    const signals = event.signals.toSorted((a, b) => signalOrder(a) - signalOrder(b));
    for (const signal of signals) takeSignal(pass, event, signal);
  }
  expireBefore(pass, horizonEpochMs);
  return [...pass.changed.values()].sort(
    (a, b) => a.anchorEpochMs - b.anchorEpochMs || (a.id < b.id ? -1 : 1),
  );
}

function takeSignal(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { state } = pass;
  switch (signal.kind) {
    case 'command':
      takeCommand(pass, event, signal);
      return;
    case 'write':
      state.writes.push({ signal, event: asEvidence(event) });
      return;
    case 'denial':
      state.denials.push({ signal, event: asEvidence(event) });
      return;
    case 'request':
      state.requests.push({ signal, event: asEvidence(event), resolved: false });
      return;
    case 'failure':
      takeFailure(pass, event, signal);
      return;
    case 'block':
      takeBlock(pass, event, signal);
      return;
    case 'outcome':
      takeOutcome(pass, event, signal);
      return;
    case 'notice':
      takeNotice(pass, event, signal);
      return;
  }
}
