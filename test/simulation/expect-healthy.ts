import { runMany, type ScheduleDigest } from './run-many.ts';
import { seedsFrom } from './seeds.ts';
import { summarize, summaryText } from './summary.ts';

/** `PROPERTY_SEED=random` draws other schedules each time, as for all properties. */
const drawOffset = process.env.PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 30) : 0;

/**
 * Runs schedules in processes of their own, beside jest's. Every kind of fault must have struck, and each
 * schedule must have had its ticks and at least one fault, or the invariants would hold for nothing.
 */
export async function expectHealthySchedules({ from, runs }: { from: number; runs: number }) {
  const digests = await runMany(seedsFrom(drawOffset + from, runs), { workers: 2 });
  const broken = digests.filter(({ violations }) => violations.length > 0);
  const [first] = broken;
  if (first !== undefined) console.error(storyOf(first));
  expect(broken.map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
  const summary = summarize(digests);
  console.info(summaryText(summary));
  expect(summary.schedules).toBe(runs);
  expect(summary.ticksMin).toBeGreaterThanOrEqual(24);
  expect(summary.faultsMin).toBeGreaterThanOrEqual(1);
  expect(summary.struck.filter(([, count]) => count === 0)).toEqual([]);
  expect(summary.repeats).toBeLessThanOrEqual(summary.unknownPublishes);
}

function storyOf({ seed, story }: ScheduleDigest): string {
  return `npm run simulate -- --seed ${seed}\n${story.join('\n')}`;
}
