import type { CorrelationSettings } from '../../lambda/model/correlation-state.ts';
import type { Finding } from '../../lambda/model/finding.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { approvalsOf } from '../../lambda/plan/approvals.ts';
import type { ApprovedChange } from '../../lambda/plan/approved-change.ts';
import { detectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { UnreadableRows } from '../../lambda/scan/slice-rows.ts';
import { deriveFindings } from './derive-findings.ts';
import type { MatchedEvents } from './matched-events.ts';

export interface ReplayFilesOptions {
  readonly plan: Pick<ScanPlan, 'detections'>;
  /** @default none */
  readonly approvedChanges?: readonly ApprovedChange[];
  readonly settings: CorrelationSettings;
  /** The log groups' Region, for links. */
  readonly region: string;
  /** The time to read, in whole seconds. */
  readonly range: Window;
  /** The findings' detection time. */
  readonly nowEpochMs: number;
}

/** The pack's result on log files. */
export interface ReplayedFiles {
  /** Each finding once, in its final state, ordered by first line. */
  readonly findings: readonly Finding[];
  /** Findings about approved changes, likewise. */
  readonly approved: readonly Finding[];
  /** Number of events that a detection matched. */
  readonly matchedEvents: number;
  /** Events that could not be decided or read. */
  readonly unreadable: readonly UnreadableRows[];
}

/**
 * The findings of the events of a range that were matched while the logs were read. Changes still pending
 * at the end are resolved as if no further lines followed.
 */
export function findingsOf(matched: MatchedEvents, options: ReplayFilesOptions): ReplayedFiles {
  const { range } = options;
  const derived = findingsOfLines(matched.within(range), options);
  return { ...derived, unreadable: matched.unreadableWithin(range) };
}

/** The findings of lines, those about approved changes apart. @param lines as for {@link deriveFindings} */
export function findingsOfLines(
  lines: readonly ObservedEvent[],
  { plan, approvedChanges = [], settings, region, nowEpochMs }: Omit<ReplayFilesOptions, 'range'>,
) {
  return deriveFindings(lines, {
    ...{ detections: detectionsById(plan), settings, region, detectedAtEpochMs: nowEpochMs },
    isApproved: (change) => approvalsOf(change, approvedChanges).length > 0,
  });
}
