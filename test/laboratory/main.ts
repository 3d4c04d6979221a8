/**
 * `npm run e2e:witness` shows the second witness what real Airflows answer: it installs two versions from
 * PyPI, makes ten changes in each that no log line tells, and checks what the monitor finds. Exits with 1
 * when a check fails, with 2 when the machine lacks Python.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Finding } from '../../lambda/model/finding.ts';
import { Checks } from '../rehearsal/checks.ts';
import { MissingToolError } from '../rehearsal/local-aws/python.ts';
import { Processes, processesOf, runCommand } from '../rehearsal/processes.ts';
import { CommandError } from '../rehearsal/stage.ts';
import { type HiddenChange, hiddenChanges, makeChanges } from './hidden-changes.ts';
import { serveInvokeRestApi } from './invoke-rest-api.ts';
import { type AirflowVersion, airflowVersions, RealAirflow } from './real-airflow.ts';
import { WitnessedMonitor } from './witnessed-monitor.ts';

const { values } = parseArgs({ options: { airflow: { type: 'string' } } });
const versions = airflowVersions.filter(
  (version) => values.airflow === undefined || values.airflow === version,
);
const checks = new Checks();
const processes = new Processes();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'monitor-laboratory-')));
process.on('exit', () => {
  processes.kill();
  if (process.exitCode !== 1) rmSync(folder, { recursive: true, force: true });
  else console.log(`the Airflows and their logs are in ${folder}`);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    console.error(`\n${signal}: the laboratory closes`);
    void processes.stop().then(() => process.exit(1));
  });
}

try {
  if (versions.length === 0) {
    throw new MissingToolError(
      `--airflow ${values.airflow}: must be one of ${airflowVersions.join(', ')}`,
    );
  }
  for (const version of versions) await tryVersion(version);
  await processes.stop();
  checks.none('no process of the laboratory is left', processesOf(folder));
  console.log(checks.finish());
  process.exitCode = checks.hasFailed ? 1 : 0;
} catch (error) {
  process.exitCode = error instanceof MissingToolError ? 2 : 1;
  const isExplained = error instanceof MissingToolError || error instanceof CommandError;
  console.error(isExplained ? error.message : error);
}

async function tryVersion(version: AirflowVersion): Promise<void> {
  checks.step(`Airflow ${version}`, 'ten changes that no log line tells, and two witnesses');
  const airflow = await RealAirflow.start(processes, version, join(folder, version));
  const everything = await serveInvokeRestApi(airflow, true);
  const asDeployed = await serveInvokeRestApi(airflow, false);
  const both = new WitnessedMonitor(everything.url, { auditLog: true, snapshot: true });
  const auditOnly = new WitnessedMonitor(asDeployed.url, { auditLog: true, snapshot: false });
  const monitors = [both, auditOnly];
  const look = async () => {
    for (const monitor of monitors) {
      const { causes } = await monitor.look();
      checks.none(`the witness of Airflow ${version} can read all that it asks for`, causes);
    }
  };
  await look();
  const logs = [await makeChanges(airflow, 'nightly', hiddenChanges.slice(0, -1))];
  await look();
  logs.push(await makeChanges(airflow, 'cleaning', hiddenChanges.slice(-1)));
  await look();
  for (const monitor of monitors) await monitor.settle(5);
  everything.close();
  asDeployed.close();
  await checkLogs(version, logs.join(''));
  const where = airflow.isSecond ? '' : ' (which MWAA does not give away)';
  checkFindings(`with users and roles${where}`, both, ({ told }) => told);
  checkFindings('with the audit log alone', auditOnly, ({ toldByAuditLog }) => toldByAuditLog);
}

/** The pack reads what the tasks wrote, and finds nothing. */
async function checkLogs(version: AirflowVersion, text: string): Promise<void> {
  const file = join(folder, `tasks-${version}.log`);
  writeFileSync(file, text);
  const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const args = [cli, 'replay', '--logs', file, '--log-type', 'Task', '--json'];
  const { exitCode, stdout, output } = await runCommand(processes, process.execPath, args, {
    env: process.env,
  });
  checks.check(
    'the logs of the tasks tell nothing of it',
    exitCode === 0 && stdout.trim() === '',
    output,
  );
}

function checkFindings(
  how: string,
  monitor: WitnessedMonitor,
  wordsOf: (change: HiddenChange) => RegExp | undefined,
): void {
  const findings = monitor.findings();
  for (const change of hiddenChanges) {
    const words = wordsOf(change);
    const found = findings.filter(({ title }) => words?.test(title));
    if (words === undefined)
      console.log(`  -       ${how}: ${change.description}: no row tells it`);
    else checks.check(`${how}: ${change.description}`, found.length > 0, titlesOf(findings));
    for (const { severity, title } of found) console.log(`            ${severity}: ${title}`);
  }
}

function titlesOf(findings: readonly Finding[]): string[] {
  return findings.map(({ title }) => title);
}
