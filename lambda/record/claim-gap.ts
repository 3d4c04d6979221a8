import { claimSlice } from '../ledger/marks.ts';
import { assertClaimed, type ClaimedMark } from './claimed.ts';
import type { Gap } from './gaps.ts';
import { deriveSlice } from './record-slice.ts';
import type { TickContext } from './tick-shell.ts';

/**
 * Claims a span that can never be read, as a gap. The finding about it is saved when the claim is
 * finished. What waits for lines of that span is resolved without them.
 */
export async function claimGap(
  context: TickContext,
  { mark, endEpochMs, reason }: Gap,
): Promise<ClaimedMark> {
  const nothing = { events: [], bytes: 0, covered: false };
  const record = await deriveSlice(context, {
    ...{ mark, endEpochMs, horizonEpochMs: endEpochMs },
    ...nothing,
  });
  const gap = await claimSlice(context.table, mark, { ...record, outcome: 'gap', reason });
  return assertClaimed(mark, gap);
}
