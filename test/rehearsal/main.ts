/**
 * `npm run e2e` deploys the monitor into a local AWS and rehearses its life there, from `cdk bootstrap` to
 * `cdk destroy`; `npm run e2e:full` rehearses failures, the operator's commands and more stacks as well.
 * docs/rehearsal.md says what that shows and what it cannot show. Exits with 1 when a check fails, with 2
 * when the machine lacks Python.
 */
import { parseArgs } from 'node:util';
import { Checks } from './checks.ts';
import { installedPython, MissingToolError } from './local-aws/python.ts';
import { Processes, processesOf } from './processes.ts';
import { rehearse } from './rehearse.ts';
import { openStage, removeScratch, type Stage } from './stage.ts';

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const checks = new Checks();
const processes = new Processes();
process.on('exit', () => processes.kill());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    console.error(`\n${signal}: the rehearsal ends`);
    void processes.stop().then(() => process.exit(1));
  });
}

try {
  const python = await installedPython(processes);
  const stage = await openStage(checks, processes, python);
  await rehearse(stage, values.full).catch((error: unknown) =>
    checks.check('the rehearsal goes on', false, String(error)),
  );
  await end(stage);
  console.log(checks.finish());
  process.exitCode = checks.hasFailed ? 1 : 0;
} catch (error) {
  if (!(error instanceof MissingToolError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function end(stage: Stage): Promise<void> {
  checks.step('end', 'nothing keeps running on this machine');
  await stage.close();
  checks.none('no process of the rehearsal is left', processesOf(stage.folder));
  if (checks.hasFailed) console.log(`\nlogs and templates are in ${stage.folder}`);
  else await removeScratch(stage);
}
