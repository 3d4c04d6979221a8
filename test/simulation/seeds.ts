import type { ScheduleDigest } from './run-many.ts';

/**
 * The schedules that the test suite runs: chosen of the first 260, quick ones first, so that each of
 * the hundred faults strikes in two of them, or in the only one of the 260 in which it strikes. When a
 * fault no longer strikes, choose again: `npm run simulate -- --runs 260 --choose 2`.
 */
export const suiteSeeds: readonly number[] = [
  ...[2, 5, 8, 9, 15, 27, 34, 38, 39, 40, 43, 46, 57, 62, 63, 70, 73, 80, 89, 97, 98, 99],
  ...[
    101, 102, 106, 108, 125, 139, 140, 148, 156, 165, 172, 185, 189, 195, 200, 206, 208, 215, 220,
    232, 234, 247,
  ],
  // Notices the mutant 320-short-time-for-the-count.
  605,
];

/** The seeds `first`, `first + 1`, …: consecutive, so that a run is named by its first seed. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/**
 * Picks few of the schedules that ran, such that each kind of fault strikes in several of them: in
 * `schedulesMin`, or in all that it struck in where these are fewer.
 *
 * Greedy: always adds the schedule with the most kinds that are still missing.
 *
 * @param kinds the strikes to cover
 * @returns seeds in ascending order
 */
export function chooseSeeds(
  digests: readonly Pick<ScheduleDigest, 'seed' | 'strikes'>[],
  kinds: readonly string[],
  schedulesMin: number,
): number[] {
  const left = new Map(digests.map(({ seed, strikes }) => [seed, strikes.map(([kind]) => kind)]));
  const missing = new Map(kinds.map((kind) => [kind, schedulesMin]));
  const chosen: number[] = [];
  for (;;) {
    const gain = (struck: readonly string[]) =>
      struck.filter((kind) => (missing.get(kind) ?? 0) > 0).length;
    const [best] = [...left].sort(([, a], [, b]) => gain(b) - gain(a));
    if (best === undefined || gain(best[1]) === 0) return chosen.sort((a, b) => a - b);
    const [seed, struck] = best;
    for (const kind of struck) missing.set(kind, (missing.get(kind) ?? 0) - 1);
    left.delete(seed);
    chosen.push(seed);
  }
}
