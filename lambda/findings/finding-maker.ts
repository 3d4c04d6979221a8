import type { Change } from './correlation-state.ts';
import type { CountedEvent } from './event-identity.ts';
import type { Finding } from './finding.ts';
import type { ObservedEvent } from './signal.ts';

/**
 * What else than the scan of its own time finds a change: a sweep, in lines that came after that scan
 * (`late`), or in lines that were there and were not recognized (`later-look`), by a detection that is
 * new or was refused for instance.
 */
export type FoundBy = 'late' | 'later-look';

/** How one environment's events become findings: all of it pure. */
export interface FindingMaker {
  /** What an event says, redacted; without a signal it says nothing. */
  observe(event: CountedEvent): ObservedEvent;
  /**
   * A change as it is published.
   *
   * @param foundBy what found it, where it was not the scan of its own time
   */
  present(change: Change, detectedAtEpochMs: number, foundBy?: FoundBy): Finding;
  /** Why a change was approved beforehand, an approval each; nothing when it was not. */
  approvedFor(change: Change): readonly string[];
}
