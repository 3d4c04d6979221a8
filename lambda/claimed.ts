import type { Mark } from './ledger/marks.ts';
import type { SliceRecord } from './ledger/slice-record.ts';

/** A mark whose slice is claimed: its findings and lines are kept, and its numbers are settled. */
export type ClaimedMark = Mark & { readonly claim: SliceRecord };

export function isClaimed(mark: Mark): mark is ClaimedMark {
  return mark.claim !== undefined;
}

/**
 * A mark after it was claimed.
 *
 * @throws Error when the claim failed: the lease keeps two runs apart, so it was not held
 */
export function assertClaimed(mark: Mark, after: Mark | undefined): ClaimedMark {
  if (after === undefined || !isClaimed(after)) {
    throw new Error(`the mark of ${mark.logGroup} in lane ${mark.lane} was moved by another run`);
  }
  return after;
}
