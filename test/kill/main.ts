/**
 * `npm run test:kill` runs the synthesized bundle in a child process over a recorded session,
 * against local Logs Insights and dynalite, and kills it with SIGKILL at random moments. Options:
 * `-- --kills 50 --seed 7 --airflow 3.0.6`. The runs alternate between the two readings of StartQuery's endTime.
 * Exits with 1 when a finding is lost, reported twice without an unknown publish to explain it, or
 * counted differently than in an undisturbed run.
 */
import { parseArgs } from 'node:util';
import { startProgress } from '../../cli/common/progress.ts';
import { recordedSessions } from '../../local/demo/session/load-session.ts';
import type { EndTimeReading } from '../../local/insights-engine/engine-types.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
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
const random = new SeededRandom(seed);
const stage = await openStage(values.airflow);
const progress = startProgress('killing', 'kills');
try {
  const [undisturbed, otherwise] = [
    await killRun(stage, { random, endTime: 'second' }),
    await killRun(stage, { random, endTime: 'millisecond' }),
  ];
  complain('undisturbed, endTime as a millisecond', differences(otherwise, undisturbed));
  const runs: KillRun[] = [];
  let done = 0;
  while (done < kills) {
    const before = done;
    runs.push(
      await killRun(
        stage,
        { random, endTime: readingOf(runs.length) },
        {
          killsMax: kills - done,
          usual: undisturbed.usual,
          onKill: () => {
            done += 1;
            progress.update(done, kills);
            if (!process.stderr.isTTY && done % 20 === 0)
              console.error(`${done} of ${kills} kills`);
          },
        },
      ),
    );
    if (done === before) throw new Error('no invocation could be killed');
  }
  progress.stop();
  tell(runs, undisturbed);
} finally {
  progress.stop();
  await stage.close();
}

function tell(runs: readonly KillRun[], undisturbed: KillRun): void {
  const sum = (numberOf: (run: KillRun) => number) =>
    runs.reduce((total, run) => total + numberOf(run), 0);
  const kinds = new Set(runs.flatMap(({ killedBy }) => [...killedBy.keys()]));
  const by = [...kinds].map((kind) => `${sum((run) => run.killedBy.get(kind) ?? 0)} ${kind}`);
  const errors = runs.flatMap((run) => run.errors);
  const idsOf = ({ told }: KillRun) => new Set(told.map(({ id }) => id)).size;
  console.log(
    [
      `kills        ${sum((run) => run.kills)} (${by.join(', ')}), seed ${seed}`,
      `runs         ${runs.length} over ${stage.plan.ticks.length} ticks each, ${sum((run) => run.invocations)} invocations`,
      `answers lost ${sum((run) => run.lostAnswers)}`,
      `unknown      ${sum((run) => run.unknownPublishes.length)} findings were published and the ledger could not be told`,
      `findings     ${runs.map(idsOf).join(' and ')} of ${idsOf(undisturbed)}`,
      `told again   ${sum((run) => repeatsOf(run).repeats)}, explained by an unknown publish ${sum((run) => repeatsOf(run).explained)}`,
      `errors       ${errors.length} of handlers that nobody killed`,
      ...[...new Set(errors)].slice(0, 5).map((error) => `             ${error}`),
      `time         ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
    ].join('\n'),
  );
  for (const [at, run] of runs.entries()) {
    complain(`run ${at + 1}, endTime as a ${readingOf(at)}`, differences(run, undisturbed));
  }
  if (process.exitCode === undefined)
    console.log('Nothing lost, ids as they were, nothing told twice without a reason.');
}

/** Alternates between the two readings from run to run. */
function readingOf(run: number): EndTimeReading {
  return run % 2 === 0 ? 'millisecond' : 'second';
}

function complain(run: string, wrong: readonly string[]): void {
  for (const line of wrong) console.error(`WRONG  ${run}: ${line}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  console.error(`${option}: must be a whole number, got "${text}"`);
  process.exit(2);
}
