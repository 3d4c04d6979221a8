import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { markView } from '../ledger-view.ts';
import { documentedQuery } from '../plan.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import type { Effect } from '../world/effect.ts';

/** The slices a call claimed; not a claim that is written again because its answer was lost. */
export function claimsIn({ step, writes }: Effect): SliceRecord[] {
  if (step !== 'claim-slice') return [];
  return writes.flatMap(({ before, after }) => {
    const claim = after && markView(after).claim;
    return claim === undefined || before?.claimEndEpochMs !== undefined ? [] : [claim];
  });
}

/** The same, without the gaps. */
export function scannedIn(effect: Effect): SliceRecord[] {
  return claimsIn(effect).filter(({ outcome }) => outcome === 'scanned');
}

/** The complete answers that whoever claimed a slice of the pack has had to all of it, or to more. */
export function packAnswersBehind(effect: Effect, claim: SliceRecord): SimulatedQuery[] {
  const { startEpochMs, endEpochMs } = claim;
  return answersOver(effect, claim).filter(
    (query) =>
      query.queryString !== documentedQuery &&
      (query.answered || query.rowsGiven > 0) &&
      query.startSeconds === startEpochMs / 1000 &&
      query.endSeconds >= endEpochMs / 1000,
  );
}

/** Likewise of the documented query, to just the slice: a count tells no times. */
export function countsBehind(effect: Effect, claim: SliceRecord): SimulatedQuery[] {
  return countsOf(effect, claim, claim.startEpochMs);
}

/** Its answers to the second behind the slice alone. */
export function countsBeyond(effect: Effect, claim: SliceRecord): SimulatedQuery[] {
  return countsOf(effect, claim, claim.endEpochMs);
}

function countsOf(effect: Effect, claim: SliceRecord, fromEpochMs: number): SimulatedQuery[] {
  return answersOver(effect, claim).filter(
    ({ queryString, answered, startSeconds, endSeconds }) =>
      queryString === documentedQuery &&
      answered &&
      startSeconds === fromEpochMs / 1000 &&
      endSeconds === claim.endEpochMs / 1000,
  );
}

function answersOver({ invocation }: Effect, { logGroup }: SliceRecord): SimulatedQuery[] {
  return invocation.memory.queries.filter(
    ({ course, groups }) => course.fate === 'Complete' && groups.includes(logGroup),
  );
}

/**
 * Whether an answer holds everything before a moment, as far as it was asked for: rows come in the order
 * of their times.
 */
export function isWholeBefore(query: SimulatedQuery, epochMs: number): boolean {
  const { answered, isCutOff, shown, rowsGiven } = query;
  return (answered && !isCutOff) || (shown[rowsGiven - 1]?.epochMs ?? 0) >= epochMs;
}
