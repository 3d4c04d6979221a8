/**
 * Runs the checks that need no test, all at once: one alone leaves most of the machine unused. Prints
 * what each of them says, those that fail last, and exits with 1 if one fails.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const scripts = ['check', 'lint:style', 'lint:unused', 'lint:layout'];

const runs = await Promise.all(
  scripts.map(async (script) => {
    const startedMs = performance.now();
    const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended,
    ]);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    return { script, output: `${stdout}${stderr}`.trim(), exitCode, seconds };
  }),
);

const failed = runs.filter(({ exitCode }) => exitCode !== 0);
for (const run of [...runs.filter(({ exitCode }) => exitCode === 0), ...failed]) {
  if (run.output !== '') console.log(run.output);
  const verdict = run.exitCode === 0 ? 'passed' : 'FAILED';
  console.log(`npm run ${run.script}: ${verdict} (${run.seconds} s)`);
}
if (failed.length > 0) process.exitCode = 1;
