import type { Lane } from './lane.ts';

/**
 * How much is asked of one second that stopped a run: first the texts of the pack as they are, then
 * their parts, one after the other and in small pages, then some rows of each part, then nothing.
 */
export const retreatSteps = ['whole', 'parts', 'some', 'none'] as const;

export type RetreatStep = (typeof retreatSteps)[number];

/** How carefully a lane of a log group is read, after runs that did not come to their end in it. */
export interface Retreat {
  /** The most that is asked for at once. */
  readonly widthSeconds: number;
  /** The group is read by itself, after all others and after people were notified of those. */
  readonly alone: boolean;
  readonly step: RetreatStep;
  /** The end of what was being read: before it, the same may happen again. */
  readonly untilEpochMs: number;
}

/** By lane and log group, see {@link retreatKey}. */
export type Retreats = ReadonlyMap<string, Retreat>;

export function retreatKey(lane: Lane, logGroup: string): string {
  return `${lane} ${logGroup}`;
}

/** What to ask next of groups that were read when a run was killed: half as much, group by group. */
export function afterKill(now: Retreat): Retreat {
  const { widthSeconds, alone, step } = now;
  if (widthSeconds > 1) return { ...now, widthSeconds: halfOf(widthSeconds), alone: true };
  return { ...now, alone: true, step: alone ? nextStep(step) : step };
}

/**
 * What to ask next of groups for which the time of a run was not enough: half as much, and by itself
 * only at one second, since slow answers are seldom about one group.
 */
export function afterTimeout(now: Retreat): Retreat {
  const { widthSeconds } = now;
  return widthSeconds > 1 ? { ...now, widthSeconds: halfOf(widthSeconds) } : afterKill(now);
}

/**
 * What to ask in the next tick after one in which the group was read without trouble: twice as much.
 *
 * @param widthMaxSeconds the most that is ever asked for
 * @returns undefined when that is as much as is allowed
 */
export function afterSuccess(now: Retreat, widthMaxSeconds: number): Retreat | undefined {
  if (now.step !== 'whole') return { ...now, step: stepBefore(now.step) };
  const widthSeconds = 2 * now.widthSeconds;
  return widthSeconds >= widthMaxSeconds ? undefined : { ...now, widthSeconds };
}

/** How much of a log group to ask for next in a tick, after an answer that was cut off. */
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
