import { claimGap } from './claim-gap.ts';
import { isClaimed } from './claimed.ts';
import type { LogGroupFacts } from './coverage.ts';
import { finishClaims } from './finish-claims.ts';
import { gapOf } from './gaps.ts';
import type { Mark } from './ledger/marks.ts';
import type { TickContext } from './tick-shell.ts';

/** What settling has to know of the log groups. */
export interface SettlePlace {
  /** What CloudWatch Logs says of a log group that can be read; undefined when it is not known. */
  readonly factsOf: (logGroup: string) => LogGroupFacts | undefined;
  /** By log group, where the scan stands. */
  readonly scanned: ReadonlyMap<string, number>;
}

/** Finishes the claims that an interrupted invocation left. @returns the marks where they stand then */
export async function finishedMarks(
  context: TickContext,
  marks: readonly Mark[],
  scanned: SettlePlace['scanned'],
): Promise<readonly Mark[]> {
  return replaced(marks, await finishClaims(context, marks.filter(isClaimed), scanned));
}

/** Passes over what can never be read any more. @returns the marks where they stand then */
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

/** Marks, of which some have moved. */
export function replaced(marks: readonly Mark[], moved: readonly Mark[]): readonly Mark[] {
  const keyOf = ({ lane, logGroup }: Mark) => `${lane} ${logGroup}`;
  const latest = new Map(moved.map((mark) => [keyOf(mark), mark]));
  return marks.map((mark) => latest.get(keyOf(mark)) ?? mark);
}
