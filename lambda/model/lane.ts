/**
 * Each log group is read four times, by lanes with their own positions. `documented` runs the
 * documented query, close to real time. The others run the pack: `scan`, close to real time too,
 * and two later sweeps that read the same again to catch late events.
 */
export const lanes = ['documented', 'scan', 'near', 'far'] as const;

export type Lane = (typeof lanes)[number];

/** The lanes that run the pack. */
export const packLanes = ['scan', 'near', 'far'] as const satisfies readonly Lane[];

export type PackLane = (typeof packLanes)[number];

/** Whether a lane reads again what the scan has read. */
export function isSweep(lane: Lane): boolean {
  return lane === 'near' || lane === 'far';
}
