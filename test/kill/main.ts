/**
 * `npm run test:kill` runs the synthesized bundle in a child process over a recorded session, against
 * local Logs Insights and dynalite, and kills it with SIGKILL at random moments; `-- --kills 50
 * --seed 7 --airflow 3.0.6` choose others. Exits with 1 when anything is lost, told twice without a
 * lost answer to explain it, or counted otherwise than in an undisturbed run.
 */
import { parseArgs } from 'node:util';
import { startProgress } from '../../cli/progress.ts';
import { recordedSessions } from '../../local/demo/recorded-sessions.ts';
import { Random } from '../simulation/random.ts';
import { differences, repeatsOf } from './compare-runs.ts';
import { type KillRun, killRun } from './kill-run.ts';
import { openStage } from './kill-world.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '20261125' },
    airflow: { type: 'string', default: '2.10.3' },
  },
});
const kills = wholeNumber('--kills', values.kills);
const seed = wholeNumber('--seed', values.seed);
if (!recordedSessions.has(values.airflow)) {
  console.error(`--airflow: must be one of ${[...recordedSessions.keys()].join(', ')}`);
  process.exit(2);
}

const startedMs = performance.now();
const stage = await openStage(values.airflow);
try {
  const undisturbed = await killRun(stage, 0, new Random(seed));
  const progress = startProgress('killing', 'kills');
  const killed = await killRun(stage, kills, new Random(seed), (done) => {
    progress.update(done, kills);
    if (!process.stderr.isTTY && done % 20 === 0) console.error(`${done} of ${kills} kills`);
  });
  progress.stop();
  tell(killed, undisturbed);
} finally {
  await stage.close();
}

function tell(killed: KillRun, undisturbed: KillRun): void {
  const found = differences(killed, undisturbed);
  const { repeats, explained } = repeatsOf(killed);
  const ids = new Set(undisturbed.told.map(({ id }) => id));
  const by = [...killed.killedBy].map(([name, count]) => `${count} ${name}`).join(', ');
  console.log(
    [
      `kills        ${killed.kills} (${by}) in ${killed.invocations} invocations over ${stage.plan.ticks.length} ticks, seed ${seed}`,
      `answers lost ${killed.lostAnswers}, of these of a publish ${killed.lostPublishes.length}`,
      `findings     ${new Set(killed.told.map(({ id }) => id)).size} of ${ids.size}`,
      `told again   ${repeats}, of these explained by a lost answer of Publish ${explained}`,
      `errors       ${killed.errors.length} of handlers that nobody killed`,
      ...[...new Set(killed.errors)].slice(0, 5).map((error) => `             ${error}`),
      `sums         ${killed.sums.size} metrics add up to ${[...killed.sums.values()].reduce((a, b) => a + b, 0)}`,
      `time         ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
    ].join('\n'),
  );
  for (const line of found) console.error(`WRONG  ${line}`);
  if (found.length > 0 || killed.kills < kills) process.exitCode = 1;
  else console.log('Nothing lost, ids as they were, nothing told twice without a reason.');
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  console.error(`${option}: must be a whole number, got "${text}"`);
  process.exit(2);
}
