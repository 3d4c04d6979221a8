import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { dataOf } from '../ledger-view.ts';
import type { Effect } from '../world/effect.ts';

/** A finding as a call wrote it, with its previous state. */
export interface FindingWrite {
  readonly now: FindingRecord;
  readonly before: FindingRecord | undefined;
}

const known = new WeakMap<Effect, readonly FindingWrite[]>();
const none: readonly FindingWrite[] = [];

/** The findings that a call wrote; used by several rules. */
export function findingWrites(effect: Effect): readonly FindingWrite[] {
  if (effect.writes.length === 0) return none;
  const before = known.get(effect);
  if (before !== undefined) return before;
  const found = effect.writes.flatMap(({ sk, before: former, after }) =>
    sk.startsWith('finding#') && after?.data !== undefined
      ? [{ now: dataOf<FindingRecord>(after), before: former && dataOf<FindingRecord>(former) }]
      : [],
  );
  known.set(effect, found);
  return found;
}
