import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minuteMs, secondMs } from '../../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import { AlarmEvaluator } from '../../alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../alarms/metric-alarm.ts';
import { readAlarms } from '../../alarms/read-alarms.ts';
import { type AwsEndpoints, startAwsEndpoints } from '../../aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../../clock.ts';
import type { FindingResult } from '../result/demo-result.ts';
import { readCloudAssembly, readWitness, type SynthesizedFunction } from '../run/cloud-assembly.ts';
import { cleanEnvironment, LambdaProcess } from '../run/lambda-process.ts';
import { type ReplayObserver, replay } from '../run/live-through.ts';
import { type Cleanup, withCleanups } from '../run/with-cleanups.ts';
import { synthesize } from '../run-demo.ts';
import { loadSession, quickSweeps } from '../session/load-session.ts';
import { planTicks } from '../session/ticks.ts';
import { findingResults } from '../verdict/collect-result.ts';
import { readWitnessSession, witnessLogs } from './witness-session.ts';
import { type ChangeResult, changeResults, witnessDisagreements } from './witness-verdict.ts';

export interface WitnessDemoObserver extends ReplayObserver {
  readonly onReady?: (plan: {
    readonly events: number;
    readonly ticks: number;
    readonly everyMinutes: number;
    readonly alarms: readonly MetricAlarm[];
  }) => void;
  /** Called with each line of the log of either function. */
  readonly onLogLine?: (line: string) => void;
}

export interface WitnessDemoResult {
  readonly changes: readonly ChangeResult[];
  readonly findings: readonly FindingResult[];
  readonly ownFindings: readonly FindingResult[];
  /** Sentences; empty when each change was told once, by those who can tell it. */
  readonly disagreements: readonly string[];
}

interface WitnessDemoOptions {
  /** Makes the cloud assembly. @default - from this project, in a process of its own */
  readonly synthesize?: typeof synthesize;
}

const everyMinutes = 1;
/** The shortest period that the witness has. */
const witnessMinutes = 5;

/**
 * Runs scanner and second witness as they would be deployed over a recorded Airflow 2.10.3: its log lines, and
 * what its REST API answers at each moment.
 */
export async function runWitnessDemo(
  options: WitnessDemoOptions,
  observer: WitnessDemoObserver,
): Promise<WitnessDemoResult> {
  return withCleanups((cleanups) => runParts(options, observer, cleanups));
}

async function runParts(
  options: WitnessDemoOptions,
  observer: WitnessDemoObserver,
  cleanups: Cleanup[],
): Promise<WitnessDemoResult> {
  const work = await mkdtemp(join(tmpdir(), 'mwaa-privilege-witness-'));
  cleanups.push(() => rm(work, { recursive: true, force: true }));
  const { mwaaEnvironment, changes, airflow } = await readWitnessSession();
  const session = await loadSession({ path: witnessLogs });
  const { engine, tally } = session;
  cleanups.push(async () => engine.close());

  const assembly = await (options.synthesize ?? synthesize)(
    {
      ...{ mwaaEnvironment, ...quickSweeps(everyMinutes) },
      witness: {
        ...{ auditLog: true, snapshot: true, everyMinutes: witnessMinutes },
        airflowVersion: airflow.version,
      },
    },
    work,
  );
  const monitor = await readCloudAssembly(assembly);
  const witness = await readWitness(assembly);
  const { ticks, missed, firstWindowStart } = planTicks(
    {
      firstEventEpochMs: tally.firstEventEpochMs,
      // What the last read shows is told once the logs of its time are read for good.
      lastEventEpochMs:
        tally.lastEventEpochMs +
        witnessMinutes * minuteMs +
        monitor.config.correlateSeconds * secondMs,
    },
    monitor.config,
    { untilSwept: true },
  );
  // The recorded Airflow had no workers of its own; an environment of MWAA has the group.
  for (const logType of logTypes) {
    await engine.createLogGroup(logGroupName(mwaaEnvironment, logType), firstWindowStart);
  }
  const alarms = readAlarms(monitor.template);
  const clock = new VirtualClock(firstWindowStart);
  const endpoints = await startAwsEndpoints({
    ...{ engine, clock, airflow: { [mwaaEnvironment]: airflow } },
    endTime: 'millisecond',
    tableNames: [monitor.config.ledgerTableName],
  });
  cleanups.push(() => endpoints.close());
  const place = { endpoints, work, startEpochMs: firstWindowStart, observer };
  const scanner = await startFunction(monitor, place);
  cleanups.push(() => scanner.close());
  const asking = await startFunction(witness, place);
  cleanups.push(() => asking.close());

  observer.onReady?.({ events: tally.events, ticks: ticks.length, everyMinutes, alarms });
  const ask = async (epochMs: number) => {
    if (epochMs % (witnessMinutes * minuteMs) !== 0) return;
    const { error } = await asking.invoke(epochMs);
    if (error !== undefined) throw new Error(`the second witness failed: ${error}`);
  };
  // It begins before anything changes: the first read is what the others are compared with.
  await ask(firstWindowStart);
  const replayed = await replay(
    {
      ...{ ticks, missed, everyMinutes, clock, endpoints },
      evaluator: new AlarmEvaluator(alarms, endpoints.metrics),
      functionName: monitor.functionName,
      findingsTopicArn: monitor.config.findingsTopicArn,
      invoke: async (tickEpochMs) => {
        await ask(tickEpochMs);
        return scanner.invoke(tickEpochMs);
      },
    },
    observer,
  );
  const notified = findingResults(replayed.findings);
  const findings = notified.filter(({ isOwn }) => !isOwn);
  const results = changeResults(changes, findings);
  return {
    ...{ changes: results, findings, ownFindings: notified.filter(({ isOwn }) => isOwn) },
    disagreements: [
      ...witnessDisagreements(results, findings),
      ...replayed.ticks.flatMap(({ tickEpochMs, error }) =>
        error === undefined ? [] : [`the tick ${new Date(tickEpochMs).toISOString()}: ${error}`],
      ),
    ],
  };
}

function startFunction(
  deployed: SynthesizedFunction,
  {
    endpoints,
    work,
    startEpochMs,
    observer,
  }: {
    readonly endpoints: AwsEndpoints;
    readonly work: string;
    readonly startEpochMs: number;
    readonly observer: WitnessDemoObserver;
  },
): Promise<LambdaProcess> {
  return LambdaProcess.start({
    ...deployed,
    environment: cleanEnvironment(deployed, endpoints.url, work),
    endpointUrl: endpoints.url,
    startEpochMs,
    onLogLine: (line) => observer.onLogLine?.(line),
  });
}
