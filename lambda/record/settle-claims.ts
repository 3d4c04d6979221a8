import type { Mark } from '../ledger/marks.ts';
import type { LogGroupFacts } from '../model/coverage.ts';
import { claimGap } from './claim-gap.ts';
import { isClaimed } from './claimed.ts';
import { finishClaims } from './finish-claims.ts';
import { gapOf } from './gaps.ts';
import type { TickContext } from './tick-shell.ts';

/** What settling needs to know about the log groups. */
export interface SettlePlace {
  /** What CloudWatch Logs says about a readable log group; undefined when unknown. */
  readonly factsOf: (logGroup: string) => LogGroupFacts | undefined;
  /** By log group, the scan's position. */
  readonly scanned: ReadonlyMap<string, number>;
}

/** Finishes the claims that an interrupted invocation left. @returns all marks, as they are then */
export async function finishedMarks(
  context: TickContext,
  marks: readonly Mark[],
  scanned: SettlePlace['scanned'],
): Promise<readonly Mark[]> {
  return replaced(marks, await finishClaims(context, marks.filter(isClaimed), scanned));
}

/** Skips what can never be read. @returns all marks, as they are then */
export async function marksPastGaps(
  context: TickContext,
  marks: readonly Mark[],
  { factsOf, scanned }: SettlePlace,
): Promise<readonly Mark[]> {
  const gaps = marks.flatMap((mark) => {
    const facts = factsOf(mark.logGroup);
    return (facts !== undefined && gapOf(mark, facts, context.tickEpochMs)) || [];
  });
  const claims = [];
  for (const gap of gaps) claims.push(await claimGap(context, gap));
  return replaced(marks, await finishClaims(context, claims, scanned));
}

/** Replaces the marks that have moved. */
export function replaced(marks: readonly Mark[], moved: readonly Mark[]): readonly Mark[] {
  const keyOf = ({ lane, logGroup }: Mark) => `${lane} ${logGroup}`;
  const latest = new Map(moved.map((mark) => [keyOf(mark), mark]));
  return marks.map((mark) => latest.get(keyOf(mark)) ?? mark);
}
