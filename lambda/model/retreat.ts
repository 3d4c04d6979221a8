import type { Lane } from './windows.ts';

/**
 * How much to query of one second that stopped a run: first the pack's texts as they are, then their
 * parts one after the other in small pages, then some rows of each part, then nothing.
 */
export const retreatSteps = ['whole', 'parts', 'some', 'none'] as const;

export type RetreatStep = (typeof retreatSteps)[number];

/** How carefully to read a lane of a log group after runs that were killed or timed out in it. */
export interface Retreat {
  /** The widest slice. */
  readonly widthSeconds: number;
  /** Whether to read the group alone, after all others and after people were notified of those. */
  readonly alone: boolean;
  readonly step: RetreatStep;
  /** The end of the span that was being read: up to it, the same may happen again. */
  readonly untilEpochMs: number;
}

/** By lane and log group, see {@link retreatKey}. */
export type Retreats = ReadonlyMap<string, Retreat>;

export function retreatKey(lane: Lane, logGroup: string): string {
  return `${lane} ${logGroup}`;
}

/** How to read groups next after a run was killed in them: half as much, group by group. */
export function afterKill(now: Retreat): Retreat {
  const { widthSeconds, alone, step } = now;
  if (widthSeconds > 1) return { ...now, widthSeconds: halfOf(widthSeconds), alone: true };
  return { ...now, alone: true, step: alone ? nextStep(step) : step };
}

/**
 * How to read groups next after the time ran out: half as much, and alone only at one second, since slow
 * answers are rarely about one group.
 */
export function afterTimeout(now: Retreat): Retreat {
  const { widthSeconds } = now;
  return widthSeconds > 1 ? { ...now, widthSeconds: halfOf(widthSeconds) } : afterKill(now);
}

/**
 * How to read a group in the tick after it was read without trouble: twice as much.
 *
 * @param widthMaxSeconds of the widest slice
 * @returns undefined when no retreat is left
 */
export function afterSuccess(now: Retreat, widthMaxSeconds: number): Retreat | undefined {
  if (now.step !== 'whole') return { ...now, step: stepBefore(now.step) };
  const widthSeconds = 2 * now.widthSeconds;
  return widthSeconds >= widthMaxSeconds ? undefined : { ...now, widthSeconds };
}

/** How much of a log group to read next within a tick, after an answer that was cut off. */
export function nextWidthMs(readMs: number, widthMaxMs: number): number {
  return Math.min(widthMaxMs, 2 * readMs);
}

function halfOf(seconds: number): number {
  return Math.max(1, Math.floor(seconds / 2));
}

function nextStep(step: RetreatStep): RetreatStep {
  return retreatSteps[retreatSteps.indexOf(step) + 1] ?? 'none';
}

function stepBefore(step: RetreatStep): RetreatStep {
  return retreatSteps[retreatSteps.indexOf(step) - 1] ?? 'whole';
}
