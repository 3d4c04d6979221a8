/**
 * `npm run test:busy` runs the test suite several times while other processes burn every core: no
 * test may need an idle machine. Exits with 1 when a run is red.
 *
 * Options: `--runs N` (default 5); other words are passed to jest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const runs = Number(values.runs);

const burners = Array.from({ length: availableParallelism() }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
const stop = () => {
  for (const burner of burners) burner.kill('SIGKILL');
};
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const red: number[] = [];
for (let run = 1; run <= runs; run += 1) {
  const { status } = spawnSync('npm', ['run', '--silent', 'jest', '--', ...positionals], {
    stdio: 'inherit',
  });
  if (status !== 0) red.push(run);
  console.log(`run ${run} of ${runs}: ${status === 0 ? 'green' : 'RED'}`);
}
console.log(
  red.length === 0
    ? `green ${runs} times with ${burners.length} processes burning as many cores`
    : `red in run ${red.join(', ')} of ${runs}`,
);
process.exitCode = red.length === 0 ? 0 : 1;
stop();
