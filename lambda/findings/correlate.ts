import { asEvidence, inReadingOrder, signalOrder } from './change.ts';
import { takeCommand } from './correlate-command.ts';
import { takeBlock, takeFailure } from './correlate-failure.ts';
import { takeNotice } from './correlate-notice.ts';
import { takeOutcome } from './correlate-outcome.ts';
import type { CorrelationPass } from './correlation-pass.ts';
import type { Change, CorrelationSettings, StreamState } from './correlation-state.ts';
import { expireBefore } from './expire.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/** What one pass over a slice of a stream changed. */
interface Correlated {
  readonly state: StreamState;
  /** Changes that are new or have more to show than before, in the order of their anchors. */
  readonly changed: readonly Change[];
}

/**
 * Correlates the next events of one log stream: a fold over events in time order, in which every
 * decision depends on event times alone. Cutting the events into slices anywhere gives the same
 * changes, as long as the state is carried along.
 *
 * @param events all events of the slice that a detection matched, in any order, each once
 * @param horizonEpochMs the end of the slice: nothing earlier will come
 */
export function correlateStream(
  before: StreamState,
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): Correlated {
  const state = structuredClone(before);
  const pass: CorrelationPass = { state, settings, changed: new Map() };
  for (const event of events.toSorted(inReadingOrder)) {
    expireBefore(pass, event.timestamp);
    const signals = event.signals.toSorted((a, b) => signalOrder(a) - signalOrder(b));
    for (const signal of signals) takeSignal(pass, event, signal);
  }
  expireBefore(pass, horizonEpochMs);
  const changed = [...pass.changed.values()].sort(
    (a, b) => a.anchorEpochMs - b.anchorEpochMs || (a.id < b.id ? -1 : 1),
  );
  return { state, changed };
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
