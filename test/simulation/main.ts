import { parseArgs } from 'node:util';
import { runSchedule } from './run-schedule.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
if (values.seed !== undefined) {
  const result = await runSchedule(Number(values.seed));
  console.log(result.story.join('\n'));
  console.log(result.violations);
} else {
  const t0 = performance.now();
  let bad = 0,
    ticks = 0;
  const totals = new Map<string, number>();
  for (let seed = 0; seed < Number(values.runs ?? 100); seed += 1) {
    const result = await runSchedule(seed);
    ticks += result.ticks;
    for (const [kind, count] of result.strikes) totals.set(kind, (totals.get(kind) ?? 0) + count);
    if (result.violations.length > 0) {
      bad += 1;
      if (bad < 12) console.log(seed, result.violations.slice(0, 4));
    }
  }
  console.log({ bad, ticks, ms: performance.now() - t0 });
  console.log(Object.fromEntries(totals));
}
