import { severityRank } from './change.ts';
import type { Finding, Severity } from './finding.ts';

/** Whether and how people were told of a finding. */
type Delivery =
  /** Nobody is to be told: it is approved, or too mild. */
  | { readonly status: 'withheld' }
  /** `update`: they were told already, when it was milder. */
  | { readonly status: 'pending'; readonly update: boolean }
  | { readonly status: 'notified'; readonly severity: Severity };

/** A finding as the ledger keeps it. */
export interface FindingRecord {
  readonly finding: Finding;
  readonly logGroup: string;
  /** Whether an approved change covers it: recorded and counted, not notified. */
  readonly approved: boolean;
  /** The tick in whose metrics it counts: the first that found it at or above `alertAt`. */
  readonly countedTickEpochMs?: number;
  readonly delivery: Delivery;
}

/**
 * What becomes of a finding that is new or has more to show: its latest state, counted once, notified
 * once and again only when it got worse.
 *
 * @param known the record of the same finding before
 * @param found.finding as it is now
 */
export function recordFinding(
  known: FindingRecord | undefined,
  found: { readonly finding: Finding; readonly logGroup: string; readonly approved: boolean },
  { tickEpochMs, alertAt }: { readonly tickEpochMs: number; readonly alertAt: Severity },
): FindingRecord {
  const alerts = severityRank(found.finding.severity) >= severityRank(alertAt);
  // One that turns out not to be approved after all counts anew, as what it is.
  const counted = known?.approved && !found.approved ? undefined : known?.countedTickEpochMs;
  const countedTickEpochMs = counted ?? (alerts ? tickEpochMs : undefined);
  return {
    ...found,
    // When it was first found does not change with what is learnt about it.
    finding: {
      ...found.finding,
      detectedAt: known?.finding.detectedAt ?? found.finding.detectedAt,
    },
    ...(countedTickEpochMs !== undefined && { countedTickEpochMs }),
    delivery: deliveryOf(known?.delivery, found, alerts),
  };
}

function deliveryOf(
  before: Delivery | undefined,
  { finding, approved }: { readonly finding: Finding; readonly approved: boolean },
  alerts: boolean,
): Delivery {
  const told = before?.status === 'notified' || (before?.status === 'pending' && before.update);
  if (approved || !alerts) return told && before !== undefined ? before : { status: 'withheld' };
  if (before?.status !== 'notified') return { status: 'pending', update: told };
  const worse = severityRank(finding.severity) > severityRank(before.severity);
  return worse ? { status: 'pending', update: true } : before;
}
