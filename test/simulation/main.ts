/**
 * `npm run simulate -- --runs 50000` runs many schedules; `-- --seed 17` one of them, told as a story.
 * Exits with 1 when an invariant is broken.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startProgress } from '../../cli/progress.ts';
import { runMany } from './run-many.ts';
import { runSchedule } from './run-schedule.ts';
import { seedsFrom } from './seeds.ts';
import { type ScheduleDigest, summarize, summaryText } from './summary.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    /** Which schedules are drawn. */
    draw: { type: 'string', default: '20261125' },
    seed: { type: 'string' },
    /** Stop at the first schedule that breaks an invariant. */
    bail: { type: 'boolean', default: false },
  },
});

if (values.seed !== undefined) await tellOne(wholeNumber('--seed', values.seed));
else await runAll(wholeNumber('--runs', values.runs), wholeNumber('--draw', values.draw));

async function tellOne(seed: number): Promise<void> {
  const { story, violations } = await runSchedule(seed);
  console.log(story.join('\n'));
  tellBroken({ seed, violations });
  if (violations.length === 0) console.log('every invariant holds');
}

async function runAll(runs: number, draw: number): Promise<void> {
  const progress = startProgress('Simulating', 'schedules');
  const startedMs = performance.now();
  let done = 0;
  const digests = await runMany(seedsFrom(draw, runs), {
    workers: availableParallelism(),
    onDigests: (some) => {
      done += some.length;
      progress.update(done, runs);
      const broken = some.find(({ violations }) => violations.length > 0);
      if (broken === undefined) return;
      progress.stop();
      tellBroken(broken);
      if (values.bail) process.exit(1);
    },
  });
  progress.stop();
  console.log(summaryText(summarize(digests)));
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

function tellBroken({ seed, violations }: Pick<ScheduleDigest, 'seed' | 'violations'>): void {
  if (violations.length === 0) return;
  process.exitCode = 1;
  console.error(`seed ${seed} breaks (npm run simulate -- --seed ${seed} tells its story):`);
  for (const violation of violations) console.error(`  ${violation}`);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  console.error(`${option}: must be a whole number, got "${text}"`);
  process.exit(2);
}
