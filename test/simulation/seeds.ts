import * as fc from 'fast-check';

/** The seeds of so many schedules, the same for the same draw. */
export function seedsFrom(draw: number, count: number): number[] {
  return fc.sample(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { seed: draw, numRuns: count });
}
