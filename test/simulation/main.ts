/**
 * `npm run simulate -- --runs 50000` runs many schedules; `-- --seed 17` one of them, told as a story,
 * and with `--shrink` the smallest one that breaks as it does; `--end-time millisecond` has all of them
 * read StartQuery's endTime so. Exits with 1 when an invariant is broken.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startProgress } from '../../cli/progress.ts';
import { runMany, type ScheduleDigest } from './run-many.ts';
import { runSchedule } from './run-schedule.ts';
import {
  type ForcedSettings,
  scheduleOf,
  smallestBroken,
  withSettings,
} from './schedule/draw-schedule.ts';
import { seedsFrom } from './seeds.ts';
import { endTimes } from './services/insights.ts';
import { summarize, summaryText } from './summary.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** The first schedule's number. */
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    /** How all schedules read endTime. @default each schedule draws it */
    'end-time': { type: 'string' },
    /** Stop at the first schedule that breaks an invariant. */
    bail: { type: 'boolean', default: false },
  },
});

const forced = forcedSettings(values['end-time']);

if (values.seed !== undefined) await tellOne(wholeNumber('--seed', values.seed));
else await runAll(wholeNumber('--runs', values.runs), wholeNumber('--from', values.from));

async function tellOne(seed: number): Promise<void> {
  const isBroken = async (schedule: Parameters<typeof runSchedule>[0]) =>
    (await runSchedule(withSettings(schedule, forced))).violations.length > 0;
  const drawn = values.shrink ? await smallestBroken(seed, isBroken) : scheduleOf(seed);
  const schedule = withSettings(drawn, forced);
  console.log(JSON.stringify(schedule, undefined, 1));
  const { story, violations } = await runSchedule(schedule, { isTold: true });
  console.log(story.join('\n'));
  tellBroken({ seed, violations });
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
      for (const digest of broken) tellBroken(digest);
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
