/**
 * `npm run e2e:witness`: installs the real Airflow 2.10.3 and 3.0.6, makes ten changes that leave no log line,
 * and shows what the deployed bundles of scanner and second witness find. Optional: it needs a Python of 3.9 to
 * 3.12 and PyPI. Arguments: versions; none means both.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minuteMs } from '../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { startAwsEndpoints } from '../../local/aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../../local/clock.ts';
import { readCloudAssembly, readWitness } from '../../local/demo/run/cloud-assembly.ts';
import { cleanEnvironment, LambdaProcess } from '../../local/demo/run/lambda-process.ts';
import { readFindingNotification } from '../../local/demo/run/live-through.ts';
import { synthesize } from '../../local/demo/run-demo.ts';
import { quickSweeps } from '../../local/demo/session/load-session.ts';
import { findingResults } from '../../local/demo/verdict/collect-result.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import { hiddenChanges, usersBefore } from './hidden-changes.ts';
import { type AirflowRelease, installAirflow, releases } from './install-airflow.ts';
import { LabAirflow } from './lab-airflow.ts';

const environment = 'Lab';
/** Enough for what the witness saw to be told: settled, swept and correlated. */
const ticksAfter = 30;

const chosen = process.argv.slice(2);
let failed = false;
for (const release of releases) {
  if (chosen.length > 0 && !chosen.includes(release.version)) continue;
  failed = !(await rehearse(release)) || failed;
}
process.exitCode = failed ? 1 : 0;

async function rehearse(release: AirflowRelease): Promise<boolean> {
  const { version } = release;
  console.log(`\nApache Airflow ${version} with fab ${release.fab}`);
  const lab = new LabAirflow(version, installAirflow(release));
  const work = await mkdtemp(join(tmpdir(), 'witness-lab-'));
  try {
    await lab.start(usersBefore);
    const hasSnapshot = version.startsWith('2.');
    const findings = await watch(lab, hasSnapshot, work);
    return report(findings, hasSnapshot);
  } finally {
    lab.stop();
    await rm(work, { recursive: true, force: true });
  }
}

/** Both functions as they would be deployed, over empty logs: whatever they find, Airflow told them itself. */
async function watch(lab: LabAirflow, snapshot: boolean, work: string) {
  const assembly = await synthesize(
    {
      ...{ mwaaEnvironment: environment, ...quickSweeps(1) },
      witness: { auditLog: true, snapshot, everyMinutes: 5, airflowVersion: lab.version },
    },
    work,
  );
  const monitor = await readCloudAssembly(assembly);
  const witness = await readWitness(assembly);
  const engine = await InsightsEngine.open();
  const startEpochMs = Date.now();
  const clock = new VirtualClock(startEpochMs);
  for (const logType of logTypes) {
    await engine.createLogGroup(logGroupName(environment, logType), startEpochMs - 60 * minuteMs);
  }
  const state = () => ({ users: [], roles: {}, auditLog: [] });
  const airflow = { version: lab.version, caller: 'auditor', stateAt: state };
  const endpoints = await startAwsEndpoints({
    ...{ engine, clock, tableNames: [monitor.config.ledgerTableName] },
    airflow: { [environment]: { ...airflow, ask: (request) => lab.ask(request) } },
  });
  const [scanner, asking] = await Promise.all(
    [monitor, witness].map((deployed) =>
      LambdaProcess.start({
        ...deployed,
        environment: cleanEnvironment(deployed, endpoints.url, work),
        ...{ endpointUrl: endpoints.url, startEpochMs, onLogLine: () => undefined },
      }),
    ),
  );
  const run = async (lambda: LambdaProcess | undefined, epochMs: number) => {
    clock.set(epochMs);
    const invoked = await lambda?.invoke(Math.floor(epochMs / minuteMs) * minuteMs, epochMs);
    if (invoked?.error !== undefined) throw new Error(invoked.error);
  };
  try {
    await run(asking, Date.now());
    await run(scanner, Date.now());
    for (const { make } of hiddenChanges) make(lab);
    // A row of the last second may have the time of the read.
    await run(asking, Date.now() + 1_000);
    const seenEpochMs = clock.nowEpochMs();
    for (let tick = 1; tick <= ticksAfter; tick += 1) {
      await run(scanner, seenEpochMs + tick * minuteMs);
    }
    const published = endpoints.notifications
      .all()
      .filter(({ topicArn }) => topicArn === monitor.config.findingsTopicArn)
      .map(readFindingNotification);
    return findingResults(published).filter(({ isOwn }) => !isOwn);
  } finally {
    await Promise.all([scanner?.close(), asking?.close(), endpoints.close()]);
    engine.close();
  }
}

function report(findings: Awaited<ReturnType<typeof watch>>, hasSnapshot: boolean): boolean {
  const results = hiddenChanges.map((change) => ({
    ...change,
    found: findings.filter(({ title, target = '', role = '', evidence }) => {
      const text = [title, target, role, ...evidence.map(({ message }) => message)].join('\n');
      const words = hasSnapshot ? change.told : (change.toldByRow ?? change.told);
      return words.every((word) => text.includes(word));
    }),
    isExpected: hasSnapshot || change.leavesRow,
  }));
  for (const { what, found, isExpected } of results) {
    const [first] = found;
    const mark =
      found.length > 0 ? (isExpected ? 'found ' : 'FOUND?') : isExpected ? 'MISSED' : '–     ';
    console.log(`  ${mark} ${what}`);
    if (first !== undefined) console.log(`           [${first.severity}] ${first.title}`);
  }
  const right = results.filter(({ found, isExpected }) => found.length > 0 === isExpected);
  const seen = results.filter(({ found }) => found.length > 0).length;
  console.log(
    `  ${seen} of ${results.length} hidden changes found${hasSnapshot ? '' : ', by the audit log alone'}; the logs are empty`,
  );
  return right.length === results.length;
}
