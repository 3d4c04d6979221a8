import { type ClaimedMark, claimed } from './claimed.ts';
import type { Gap } from './gaps.ts';
import { claimSlice } from './ledger/marks.ts';
import type { TickContext } from './tick-shell.ts';

/** Settles that a span is never read; that it is told comes with finishing the claim. */
export async function claimGap(
  { table, tickEpochMs }: TickContext,
  { mark, endEpochMs, reason }: Gap,
): Promise<ClaimedMark> {
  const { lane, logGroup, positionEpochMs: startEpochMs } = mark;
  const gap = await claimSlice(table, mark, {
    ...{ lane, logGroup, startEpochMs, endEpochMs, tickEpochMs, reason },
    outcome: 'gap',
    covered: false,
    ...{ rows: 0, bytes: 0, privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
  });
  return claimed(mark, gap);
}
