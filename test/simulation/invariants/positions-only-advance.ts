import { markView } from '../ledger-view.ts';
import type { Write } from '../services/dynamo.ts';
import { fine, type Invariant } from './invariant.ts';
import { isSpoilt } from './spoilt.ts';

export const positionsOnlyAdvance: Invariant = {
  rule: 'no position moves back or past the clock, and a claim is held until its end is reached',
  watch: ({ schedule: { settings }, dynamo }) => ({
    see: ({ writes, epochMs }) =>
      writes.flatMap((write) =>
        write.pk === 'mark' && !isSpoilt({ dynamo }, 'mark')
          ? problemsOf(write, epochMs + settings.clockSkewMaxMs)
          : fine,
      ),
  }),
};

function problemsOf({ sk, before, after }: Write, clockEpochMs: number): string[] {
  if (after === undefined) return [`the mark ${sk} was deleted`];
  const now = markView(after);
  const problems: string[] = [];
  if (now.positionEpochMs > clockEpochMs) problems.push(`${sk} moved past the clock`);
  if (before === undefined) return problems;
  const { positionEpochMs, sinceEpochMs, claim } = markView(before);
  if (now.positionEpochMs < positionEpochMs) problems.push(`${sk} moved back`);
  if (now.sinceEpochMs !== sinceEpochMs) problems.push(`${sk} changed where it began`);
  const isSettled = claim === undefined || now.positionEpochMs === claim.endEpochMs;
  if (!isSettled && now.claim?.tickEpochMs !== claim.tickEpochMs) {
    problems.push(`the claim of ${sk} was given to another tick`);
  }
  if (claim === undefined && now.positionEpochMs !== positionEpochMs) {
    problems.push(`${sk} moved without a claim`);
  }
  return problems;
}
