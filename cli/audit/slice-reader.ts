import type { FindingMaker } from '../../lambda/findings/finding-maker.ts';
import type { QueryShell } from '../../lambda/query.ts';
import { readDocumented } from '../../lambda/read-documented.ts';
import { readPackSlice } from '../../lambda/read-slice.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { Window } from '../../lambda/windows.ts';
import type { Refusal } from './audit-state.ts';
import type { GroupFacts } from './group-spans.ts';
import type { ReadSlice } from './read-range.ts';

export interface SliceReaderOptions {
  readonly shell: QueryShell;
  readonly plan: ScanPlan;
  readonly findingMaker: Pick<FindingMaker, 'observe'>;
  /** By name, the log groups that exist. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  /** Detections that AWS was seen to refuse before. */
  readonly refused: readonly Refusal[];
  readonly nowEpochMs: number;
}

export interface SliceReader {
  readonly read: ReadSlice;
  /** Detections that AWS refuses. */
  readonly refused: readonly Refusal[];
}

const dayMs = 86_400_000;

/** Reads slices as the deployed function does: by its own code. */
export function sliceReader(options: SliceReaderOptions): SliceReader {
  const { shell, plan, findingMaker, groups, nowEpochMs } = options;
  const isGone = (logGroup: string, { endEpochMs }: Window): boolean => {
    const { createdEpochMs = 0, retentionDays } = groups.get(logGroup) ?? {};
    const kept = retentionDays === undefined ? 0 : nowEpochMs - retentionDays * dayMs;
    return endEpochMs <= Math.max(createdEpochMs, kept);
  };
  return {
    refused: options.refused,
    read: (lane, slice, deadline) =>
      lane === 'documented'
        ? readDocumented(shell, plan, slice, deadline, { isGone })
        : readPackSlice(shell, plan, slice, deadline, {
            observe: (event) => findingMaker.observe(event),
          }),
  };
}
