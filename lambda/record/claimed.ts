import type { Mark } from '../ledger/marks.ts';
import type { SliceRecord } from '../ledger/slice-record.ts';

/** A mark whose slice is claimed: its findings and lines are stored, and its numbers are final. */
export type ClaimedMark = Mark & { readonly claim: SliceRecord };

export function isClaimed(mark: Mark): mark is ClaimedMark {
  return mark.claim !== undefined;
}

/**
 * Returns a mark after its claim.
 *
 * @throws Error when the claim failed: only a run without the lease can have moved the mark
 */
export function assertClaimed(mark: Mark, after: Mark | undefined): ClaimedMark {
  if (after === undefined || !isClaimed(after)) {
    throw new Error(`the mark of ${mark.logGroup} in lane ${mark.lane} was moved by another run`);
  }
  return after;
}
