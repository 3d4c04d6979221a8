import type { Change } from './correlation-state.ts';
import type { CountedEvent } from './event-identity.ts';
import type { Finding } from './finding.ts';
import type { ObservedEvent } from './signal.ts';

/** How one environment's events become findings: all of it pure. */
export interface FindingMaker {
  /** What an event says, redacted; without a signal it says nothing. */
  observe(event: CountedEvent): ObservedEvent;
  /**
   * A change as it is published.
   *
   * @param late found by a sweep, after its time had been scanned
   */
  present(change: Change, detectedAtEpochMs: number, late?: boolean): Finding;
  /** Why a change was approved beforehand, an approval each; nothing when it was not. */
  approvedFor(change: Change): readonly string[];
}
