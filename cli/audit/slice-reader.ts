import { detectionsById } from '../../lambda/findings/detection-in-plan.ts';
import { observeEvent } from '../../lambda/findings/event-identity.ts';
import { isGone } from '../../lambda/gaps.ts';
import type { PackEvent } from '../../lambda/pack-rows.ts';
import type { QueryShell } from '../../lambda/query.ts';
import { readDocumented } from '../../lambda/read-documented.ts';
import { readPackSlice } from '../../lambda/read-slice.ts';
import type { KnownTexts } from '../../lambda/refused-texts.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { Window } from '../../lambda/windows.ts';
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
