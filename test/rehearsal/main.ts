/**
 * `npm run e2e` deploys the monitor into a local AWS and rehearses its life there, from `cdk bootstrap` to
 * `cdk destroy`; `npm run e2e:full` rehearses failures, the operator's commands and more stacks as well.
 * docs/rehearsal.md says what that shows and what it cannot show. Exits with 1 when a check fails, with 2
 * when the machine lacks Python.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Checks } from './checks.ts';
import { installedPython, MissingToolError } from './local-aws/python.ts';
import { Processes, processesOf } from './processes.ts';
import { rehearse } from './rehearse.ts';
import { CommandError, openStage } from './stage.ts';

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const checks = new Checks();
const processes = new Processes();
// Without symbolic links in its path, since processes are found by it.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'monitor-rehearsal-')));
let isInterrupted = false;

process.on('exit', () => {
  processes.kill();
  if (process.exitCode !== 1 || isInterrupted) rmSync(folder, { recursive: true, force: true });
  else console.log(`logs and templates are in ${folder}`);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    console.error(`\n${signal}: the rehearsal ends`);
    void processes.stop().then(() => process.exit(1));
  });
}

try {
  const python = await installedPython(processes);
  const stage = await openStage(checks, processes, { python, folder });
  try {
    await rehearse(stage, values.full);
  } catch (error) {
    if (!isInterrupted) checks.check('the rehearsal goes on', false, whatFailed(error));
  }
  checks.step('end', 'nothing keeps running on this machine');
  await stage.close();
  checks.none('no process of the rehearsal is left', processesOf(folder));
  console.log(checks.finish());
  process.exitCode = checks.hasFailed ? 1 : 0;
} catch (error) {
  process.exitCode = error instanceof MissingToolError ? 2 : 1;
  console.error(whatFailed(error));
}

function whatFailed(error: unknown): string {
  const isExplained = error instanceof MissingToolError || error instanceof CommandError;
  return isExplained ? error.message : ((error as Error).stack ?? String(error));
}
