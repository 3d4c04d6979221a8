import type { SliceRecord } from '../../../lambda/ledger/slice-record.ts';
import { markView } from '../ledger-view.ts';
import { documentedQuery } from '../plan.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import type { Effect } from '../world/effect.ts';

/** The slices that a call claimed: a claim that is written again, since its answer was lost, is none. */
export function claimsIn({ step, writes }: Effect): SliceRecord[] {
  if (step !== 'claim-slice') return [];
  return writes.flatMap(({ before, after }) => {
    const claim = after && markView(after).claim;
    return claim === undefined || before?.claimEndEpochMs !== undefined ? [] : [claim];
  });
}

/** Likewise, without the gaps. */
export function scannedIn(effect: Effect): SliceRecord[] {
  return claimsIn(effect).filter(({ outcome }) => outcome === 'scanned');
}

/**
 * The complete answers that whoever claimed a slice has had to just its span, by their texts; an
 * answer of the pack to more is one as well, up to the second of its last row if it was cut off.
 */
export function answersBehind(
  { invocation }: Effect,
  { logGroup, startEpochMs, endEpochMs }: SliceRecord,
  texts: readonly string[],
): (SimulatedQuery | undefined)[] {
  return texts.map((text) =>
    invocation.memory.queries.findLast(
      (query) =>
        query.queryString === text &&
        query.answered &&
        query.course.fate === 'Complete' &&
        query.groups.includes(logGroup) &&
        // Whole seconds, both ends included: the end of the slice itself is the next one's.
        query.startSeconds === startEpochMs / 1000 &&
        (query.endSeconds === endEpochMs / 1000 - 1 || isWholeBefore(query, endEpochMs)),
    ),
  );
}

/** Rows tell their times, the documented count does not. */
function isWholeBefore(query: SimulatedQuery, epochMs: number): boolean {
  const { queryString, endSeconds, isCutOff, shown } = query;
  if (queryString === documentedQuery || endSeconds < epochMs / 1000) return false;
  return !isCutOff || (shown.at(-1)?.epochMs ?? 0) >= epochMs;
}

export const documentedText = [documentedQuery];
