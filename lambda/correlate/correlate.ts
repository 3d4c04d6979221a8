import type { Change, CorrelationSettings } from '../model/correlation-state.ts';
import { severityRank } from '../model/finding.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import {
  addActs,
  addDetections,
  addEvidence,
  addNames,
  asEvidence,
  inReadingOrder,
  signalOrder,
  sortEvidence,
} from './change.ts';
import { takeCommand } from './correlate-command.ts';
import { takeBlock, takeFailure } from './correlate-failure.ts';
import { takeNotice } from './correlate-notice.ts';
import { takeOutcome } from './correlate-outcome.ts';
import { takeResult, takeStatement } from './correlate-statement.ts';
import { type CorrelationPass, startPass } from './correlation-pass.ts';
import { expireBefore } from './expire.ts';

/**
 * The changes that the events of one log stream describe. Events are taken in time order and every
 * decision depends on event times only, so it makes no difference how, and in which parts, they
 * were read. The work grows linearly with the number of signals.
 *
 * Evidence may make a change worse, but never milder than what people are notified of: an outcome
 * has at least the severity of the lines that it explains, and a failure line that a DAG's author
 * could have written leaves a change at medium.
 *
 * @param events all events of the stream that a detection matched, in any order, each once
 * @param horizonEpochMs no earlier event will arrive: what has waited too long by then is decided
 * @returns in the order of their anchors
 */
export function correlateStream(
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): readonly Change[] {
  const ordered = inReadingOrder(events);
  const pass = startPass(
    settings,
    ordered.filter(({ signals }) => signals.some(isOtherProducts)).map((event) => ({ event })),
  );
  for (const event of ordered) {
    expireBefore(pass, event.timestamp);
    const signals = event.signals.toSorted((a, b) => signalOrder(a) - signalOrder(b));
    for (const signal of signals) takeSignal(pass, event, signal);
  }
  expireBefore(pass, horizonEpochMs);
  const changes = [...onePerId(pass.changes)];
  for (const change of changes) sortEvidence(change);
  return changes.sort((a, b) => a.anchorEpochMs - b.anchorEpochMs || (a.id < b.id ? -1 : 1));
}

function isOtherProducts({ kind }: Signal): boolean {
  return kind === 'other-product';
}

/**
 * One line can make two changes of one verb for the same user and role: they are one change, as bad
 * as the worse of the two.
 */
function onePerId(changes: readonly Change[]): Iterable<Change> {
  const byId = new Map<string, Change>();
  for (const change of changes) {
    const known = byId.get(change.id);
    if (known === undefined) {
      byId.set(change.id, change);
      continue;
    }
    const isWorse = severityRank(change.severity) > severityRank(known.severity);
    const [kept, other] = isWorse ? [change, known] : [known, change];
    addEvidence(kept, other.evidence);
    addDetections(kept, other.detections);
    addNames(kept, other);
    addActs(kept, other);
    byId.set(change.id, kept);
  }
  return byId.values();
}

function takeSignal(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  switch (signal.kind) {
    case 'command':
      takeCommand(pass, event, signal);
      return;
    case 'statement':
      takeStatement(pass, event, signal);
      return;
    case 'result':
      takeResult(pass, event, signal);
      return;
    case 'write':
      pass.writes.add(signal, asEvidence(event));
      return;
    case 'denial':
      pass.denials.push({ signal, event: asEvidence(event) });
      return;
    case 'request':
      pass.requests.push({ signal, event: asEvidence(event) });
      return;
    case 'failure':
      takeFailure(pass, event, signal);
      return;
    case 'block':
      takeBlock(pass, event, signal);
      return;
    case 'other-product':
      // Collected before the pass starts: a product's log lines may come after what it did.
      return;
    case 'outcome':
    case 'partial':
      takeOutcome(pass, event, signal);
      return;
    case 'notice':
      takeNotice(pass, event, signal);
      return;
  }
}
