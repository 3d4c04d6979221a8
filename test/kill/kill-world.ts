import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricDefinitions, metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { type AwsEndpoints, startAwsEndpoints } from '../../local/aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../../local/clock.ts';
import { readCloudAssembly, type SynthesizedMonitor } from '../../local/demo/run/cloud-assembly.ts';
import { cleanEnvironment, LambdaProcess } from '../../local/demo/run/lambda-process.ts';
import { readFindingNotification } from '../../local/demo/run/live-through.ts';
import { synthesize } from '../../local/demo/run-demo.ts';
import {
  type LoadedSession,
  loadSession,
  quickSweeps,
  recordedSessions,
} from '../../local/demo/session/load-session.ts';
import { planTicks, type TickPlan } from '../../local/demo/session/ticks.ts';
import type { EndTimeReading } from '../../local/insights-engine/engine-types.ts';
import { countedUnknownPublishes } from './ledger-counts.ts';
import { type Told, toldBy } from './published.ts';
import { RequestGate } from './request-gate.ts';

/** A recorded session and the synthesized monitor, shared by all runs. */
export interface Stage {
  readonly session: LoadedSession;
  readonly monitor: SynthesizedMonitor;
  readonly plan: TickPlan;
  readonly workDirectory: string;
  close(): Promise<void>;
}

/** @param version of the recorded session */
export async function openStage(version: string): Promise<Stage> {
  const recorded = recordedSessions.get(version);
  if (recorded === undefined) throw new Error(`there is no recorded session of Airflow ${version}`);
  const workDirectory = await mkdtemp(join(tmpdir(), 'mwaa-privilege-monitor-kill-'));
  const session = await loadSession({ path: recorded.path });
  const { mwaaEnvironment, engine, tally } = session;
  const settings = { mwaaEnvironment, ...quickSweeps(1) };
  const monitor = await readCloudAssembly(await synthesize(settings, workDirectory));
  const plan = planTicks(tally, monitor.config, { untilSwept: true });
  for (const { logGroup } of session.logGroups) {
    await engine.createLogGroup(logGroup, plan.firstWindowStart);
  }
  return {
    ...{ session, monitor, plan, workDirectory },
    async close() {
      engine.close();
      await rm(workDirectory, { recursive: true, force: true });
    },
  };
}

/** One run's surroundings: a new ledger, new recorders, and a gate before all of them. */
export interface World {
  readonly clock: VirtualClock;
  readonly gate: RequestGate;
  startLambda(): Promise<LambdaProcess>;
  /** The findings of all messages, in the order of publication. */
  told(): Told[];
  /** How many publishes of unknown outcome the ledger counts, by finding id. */
  counted(): Promise<Map<string, number>>;
  /** The sum of all minutes' maxima, by log group and metric. */
  sums(): Map<string, number>;
  close(): Promise<void>;
}

export async function openWorld(
  { session, monitor, plan, workDirectory }: Stage,
  endTime: EndTimeReading,
  onLogLine: (line: string) => void,
): Promise<World> {
  const clock = new VirtualClock(plan.firstWindowStart);
  const endpoints = await startAwsEndpoints({
    ...{ engine: session.engine, clock, endTime },
    tableNames: [monitor.config.ledgerTableName],
  });
  const gate = await RequestGate.open(endpoints.url);
  return {
    ...{ clock, gate },
    startLambda: () =>
      LambdaProcess.start({
        ...monitor,
        environment: cleanEnvironment(monitor, gate.url, workDirectory),
        endpointUrl: gate.url,
        startEpochMs: clock.nowEpochMs(),
        onLogLine,
      }),
    told: () =>
      endpoints.notifications
        .all()
        .filter(({ topicArn }) => topicArn === monitor.config.findingsTopicArn)
        .flatMap((notification) => toldBy(readFindingNotification(notification))),
    counted: () => countedUnknownPublishes(endpoints.url, monitor.config.ledgerTableName),
    sums: () => sumsOf(endpoints),
    async close() {
      await gate.close();
      await endpoints.close();
    },
  };
}

const summed: readonly string[] = [
  metricDefinitions.addRoleMatches.name,
  metricDefinitions.privilegeChanges.name,
];

function sumsOf({ metrics }: AwsEndpoints): Map<string, number> {
  return new Map(
    metrics
      .series()
      .filter(({ namespace, metricName }) => {
        return namespace === metricNamespace && summed.includes(metricName);
      })
      .map(({ metricName, dimensions, points }) => [
        `${metricName} of ${dimensions.LogGroup}`,
        points.reduce((sum, { statistics }) => sum + statistics.maximum, 0),
      ]),
  );
}
