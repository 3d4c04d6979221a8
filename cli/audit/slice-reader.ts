import { observeEvent } from '../../lambda/lines/event-identity.ts';
import type { KnownTexts } from '../../lambda/model/refused-texts.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { detectionsById } from '../../lambda/plan/detection-in-plan.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { QueryShell } from '../../lambda/query/query.ts';
import { isGone } from '../../lambda/record/gaps.ts';
import type { PackEvent } from '../../lambda/scan/pack-rows.ts';
import { readDocumented } from '../../lambda/scan/read-documented.ts';
import { readPackSlice } from '../../lambda/scan/read-slice.ts';
import type { GroupFacts } from './group-spans.ts';
import type { ReadSlice } from './read-range.ts';
import { SharedTexts } from './shared-texts.ts';

export interface SliceReaderOptions {
  readonly shell: QueryShell;
  readonly plan: ScanPlan;
  /** The log groups that exist, by name. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  /** What an earlier run has learnt about the texts; undefined: nothing was refused. */
  readonly texts: KnownTexts | undefined;
  /** Called with what is learnt about the texts, before anything is read with them. */
  readonly onLearnt: (texts: KnownTexts) => void;
  readonly nowEpochMs: number;
}

/** Reads slices with the deployed function's own code. */
export function sliceReader(options: SliceReaderOptions): ReadSlice {
  const { shell, plan, groups, nowEpochMs } = options;
  const isGroupGone = (logGroup: string, window: Window): boolean =>
    isGone(window, groups.get(logGroup) ?? {}, nowEpochMs);
  const texts = new SharedTexts(shell, plan, options.texts, options.onLearnt);
  const detections = detectionsById(plan);
  const observe = (event: PackEvent) => observeEvent(event, { detections });
  return (lane, slice, deadline) =>
    lane === 'documented'
      ? readDocumented(shell, plan, slice, deadline, { isGone: isGroupGone })
      : readPackSlice(shell, plan, slice, deadline, { observe, texts });
}
