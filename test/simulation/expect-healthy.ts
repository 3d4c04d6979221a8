import { runBatch, runMany, type ScheduleDigest } from './run-many.ts';
import { seedsFrom, suiteSeeds } from './seeds.ts';
import { summarize, summaryText } from './summary.ts';

/** `PROPERTY_SEED=random` runs other schedules each time, enough for every fault to strike. */
const isRandom = process.env.PROPERTY_SEED === 'random';
const seeds = isRandom ? seedsFrom(Math.floor(Math.random() * 2 ** 30), 500) : suiteSeeds;

/**
 * Runs the suite's schedules: few of them in this process, whose code is loaded already. Every kind of
 * fault must strike, and each schedule must have its ticks and at least one fault: otherwise the
 * invariants prove nothing.
 */
export async function expectHealthySchedules() {
  const digests = isRandom
    ? await runMany(seeds, { workers: 2 })
    : await runBatch({ seeds, forced: {} });
  const broken = digests.filter(({ violations }) => violations.length > 0);
  const [first] = broken;
  if (first !== undefined) console.error(storyOf(first));
  expect(broken.map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
  const summary = summarize(digests);
  console.info(summaryText(summary));
  expect(summary.schedules).toBe(seeds.length);
  expect(summary.ticksMin).toBeGreaterThanOrEqual(24);
  expect(summary.faultsMin).toBeGreaterThanOrEqual(1);
  expect(summary.struck.filter(([, count]) => count === 0)).toEqual([]);
  expect(summary.repeats).toBeLessThanOrEqual(summary.unknownPublishes);
}

function storyOf({ seed, story }: ScheduleDigest): string {
  return `npm run simulate -- --seed ${seed}\n${story.join('\n')}`;
}
