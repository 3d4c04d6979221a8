/**
 * The four ways in which each log group is read from its beginning to its end, each with a position of
 * its own. `documented` asks the documented query, close behind the present. The others ask the pack:
 * `scan` as close behind, and two sweeps that read the same once more for what came late.
 */
export const lanes = ['documented', 'scan', 'near', 'far'] as const;

export type Lane = (typeof lanes)[number];

/** The lanes that ask the pack. */
export const packLanes = ['scan', 'near', 'far'] as const satisfies readonly Lane[];

export type PackLane = (typeof packLanes)[number];

/** A lane that reads once more what the scan has read. */
export function isSweep(lane: Lane): boolean {
  return lane === 'near' || lane === 'far';
}
