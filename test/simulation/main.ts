/**
 * `npm run simulate -- --runs 50000` runs many schedules. `-- --seed 17` runs one and prints its story;
 * with `--shrink` it looks for the smallest schedule that breaks in the same way. `--end-time
 * millisecond` sets how StartQuery's endTime is read in all of them. `--choose 2` prints the seeds of
 * a few schedules in which each kind of fault strikes twice: `suiteSeeds` in seeds.ts is made so.
 * Exits with 1 when an invariant is broken.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startProgress } from '../../cli/common/progress.ts';
import { runMany, type ScheduleDigest } from './run-many.ts';
import { runSchedule } from './run-schedule.ts';
import {
  type ForcedSettings,
  scheduleOf,
  smallestBroken,
  withSettings,
} from './schedule/draw-schedule.ts';
import { chooseSeeds, seedsFrom } from './seeds.ts';
import { endTimes } from './services/insights.ts';
import { summarize, summaryText, wantedStrikes } from './summary.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** Seed of the first schedule. */
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    /** How endTime is read in all schedules. @default each schedule draws it */
    'end-time': { type: 'string' },
    /** Stop at the first schedule that breaks an invariant. */
    bail: { type: 'boolean', default: false },
    /** Print the seeds of a few schedules, such that each kind of fault strikes in this many. */
    choose: { type: 'string' },
  },
});

const forced = forcedSettings(values['end-time']);

if (values.seed !== undefined) await showOne(wholeNumber('--seed', values.seed));
else await runAll(wholeNumber('--runs', values.runs), wholeNumber('--from', values.from));

async function showOne(seed: number): Promise<void> {
  const isBroken = async (schedule: Parameters<typeof runSchedule>[0]) =>
    (await runSchedule(withSettings(schedule, forced))).violations.length > 0;
  const drawn = values.shrink ? await smallestBroken(seed, isBroken) : scheduleOf(seed);
  const schedule = withSettings(drawn, forced);
  console.log(JSON.stringify(schedule, undefined, 1));
  const { story, violations } = await runSchedule(schedule, { isTold: true });
  console.log(story.join('\n'));
  showBroken({ seed, violations });
  if (violations.length === 0) console.log('every invariant holds');
}

async function runAll(runs: number, from: number): Promise<void> {
  const progress = startProgress('Simulating', 'schedules');
  const startedMs = performance.now();
  let done = 0;
  const digests = await runMany(seedsFrom(from, runs), {
    workers: wholeNumber('--workers', values.workers),
    forced,
    onDigests: (some) => {
      done += some.length;
      progress.update(done, runs);
      const broken = some.filter(({ violations }) => violations.length > 0);
      if (broken.length === 0) return;
      progress.stop();
      for (const digest of broken) showBroken(digest);
      if (values.bail) process.exit(1);
    },
  });
  progress.stop();
  console.log(summaryText(summarize(digests)));
  if (values.choose !== undefined) {
    const schedulesMin = wholeNumber('--choose', values.choose);
    console.log(`seeds: ${chooseSeeds(digests, wantedStrikes, schedulesMin).join(', ')}`);
  }
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

function showBroken({ seed, violations }: Pick<ScheduleDigest, 'seed' | 'violations'>): void {
  if (violations.length === 0) return;
  process.exitCode = 1;
  console.error(`seed ${seed} breaks (npm run simulate -- --seed ${seed} prints its story):`);
  for (const { rule, what } of violations) console.error(`  ${rule}: ${what}`);
}

function forcedSettings(endTime: string | undefined): ForcedSettings {
  if (endTime === undefined) return {};
  const known = endTimes.find((one) => one === endTime);
  if (known !== undefined) return { endTime: known };
  console.error(`--end-time: must be one of ${endTimes.join(', ')}, got "${endTime}"`);
  process.exit(2);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  console.error(`${option}: must be a whole number, got "${text}"`);
  process.exit(2);
}
