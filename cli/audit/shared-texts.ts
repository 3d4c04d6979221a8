import type { Deadline } from '../../lambda/common/time.ts';
import type { KnownTexts, Refusal } from '../../lambda/model/refused-texts.ts';
import type { Slice } from '../../lambda/plan/lanes.ts';
import type { PackText } from '../../lambda/query/pack-text.ts';
import { type PackPlan, PackTexts } from '../../lambda/query/pack-texts.ts';
import type { QueryShell } from '../../lambda/query/query.ts';

/**
 * The pack's texts for slices that are read concurrently: when several of them are refused, one
 * searches for the cause and the others wait for the result.
 */
export class SharedTexts extends PackTexts {
  #begun: Promise<void> | undefined;
  #learning: Promise<void> = Promise.resolve();

  /**
   * @param known what an earlier run has learnt. It is not tried again, so that the whole audit is
   *   read without the same detections.
   */
  constructor(
    shell: QueryShell,
    plan: PackPlan,
    known: KnownTexts | undefined,
    onLearnt: (known: KnownTexts) => void,
  ) {
    super(shell, plan, {
      ...(known !== undefined && { before: { triedEpochMs: 0, known } }),
      nowEpochMs: 0,
      onLearnt: async (learnt) => onLearnt(learnt.known),
    });
  }

  override begin(slice: Slice, deadline: Deadline): Promise<void> {
    this.#begun ??= super.begin(slice, deadline);
    return this.#begun;
  }

  override learn(
    text: PackText,
    refusal: Refusal,
    slice: Slice,
    deadline: Deadline,
  ): Promise<void> {
    this.#learning = this.#learning.then(async () => {
      // Unless another slice had the same refusal and has replaced this text.
      if (this.isOwn(text)) await super.learn(text, refusal, slice, deadline);
    });
    return this.#learning;
  }
}
