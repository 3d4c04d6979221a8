import type { Effect } from '../world/effect.ts';
import type { World } from '../world/world.ts';

/** What an invariant found wrong; empty when nothing is. */
export type Violations = readonly string[];

/** Watches one world. */
export interface Watch {
  /** Sees every call that took effect. */
  see?(effect: Effect): Violations;
  /** Runs after the faults have ended and the monitor has caught up. */
  atEnd?(): Violations;
}

/** A rule that holds whatever happens, and how to check it. */
export interface Invariant {
  readonly rule: string;
  watch(world: World): Watch;
}

export const fine: Violations = [];
