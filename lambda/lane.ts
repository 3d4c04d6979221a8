/**
 * The three ways in which each log group is read from its beginning to its end: `scan`, close behind
 * the present, and two sweeps that read the same once more for what came late.
 */
export const lanes = ['scan', 'near', 'far'] as const;

export type Lane = (typeof lanes)[number];
