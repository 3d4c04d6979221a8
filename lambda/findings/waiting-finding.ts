import type { Severity } from '../model/finding.ts';
import { actorOfFinding, type FindingSource } from './finding-actor.ts';
import { type FindingRecord, notifiedSeverity } from './finding-record.ts';

/** Where the ledger stores a finding. */
export interface FindingPlace {
  readonly streamId: string;
  readonly anchorEpochMs: number;
  readonly findingId: string;
}

/** What the order of messages depends on, for a finding that is not sent yet. */
export interface WaitingFinding extends FindingPlace {
  readonly severity: Severity;
  readonly source: FindingSource;
  /** See FindingActor. */
  readonly actorKey: string;
  readonly firstSeenEpochMs: number;
  /** The tick that found it; absent for a finding that was sent before and has news. */
  readonly waitingSinceEpochMs?: number | undefined;
  /** Found by the lookback before the first tick. */
  readonly initial: boolean;
}

export function waitingFindingOf(record: FindingRecord): WaitingFinding {
  const { streamId, anchorEpochMs, finding, initial = false, delivery } = record;
  const { source, key } = actorOfFinding(finding);
  const isNew = notifiedSeverity(delivery) === undefined;
  return {
    ...{ streamId, anchorEpochMs, initial },
    ...{ findingId: finding.id, severity: finding.severity, source, actorKey: key },
    firstSeenEpochMs: Date.parse(finding.firstSeen),
    ...(isNew && { waitingSinceEpochMs: Date.parse(finding.detectedAt) }),
  };
}
