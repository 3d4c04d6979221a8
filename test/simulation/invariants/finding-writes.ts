import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { dataOf } from '../ledger-view.ts';
import type { Effect } from '../world/effect.ts';

/** A finding as a call wrote it, and as it was before. */
export interface FindingWrite {
  readonly now: FindingRecord;
  readonly before: FindingRecord | undefined;
}

export function findingWrites({ writes }: Effect): FindingWrite[] {
  return writes.flatMap(({ sk, before, after }) =>
    sk.startsWith('finding#') && after?.data !== undefined
      ? [{ now: dataOf<FindingRecord>(after), before: before && dataOf<FindingRecord>(before) }]
      : [],
  );
}
