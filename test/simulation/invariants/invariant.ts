import type { Effect } from '../world/effect.ts';
import type { World } from '../world/world.ts';

/** What an invariant found to be wrong; nothing where all is well. */
export type Violations = readonly string[];

/** Watches one world. */
export interface Watch {
  /** Is shown every call that took place. */
  see?(effect: Effect): Violations;
  /** When the world is healed, and the monitor has come to rest. */
  atEnd?(): Violations;
}

/** One rule that holds whatever happens, in one sentence. */
export interface Invariant {
  readonly rule: string;
  watch(world: World): Watch;
}

export const fine: Violations = [];
