import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlarmEvaluator } from '../alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import { readAlarms } from '../alarms/read-alarms.ts';
import { startAwsEndpoints } from '../aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../clock.ts';
import { type ReadProgress, readLogs } from '../log-readers/read-logs.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { readCloudAssembly, type SynthesizedMonitor } from './cloud-assembly.ts';
import { findingResults } from './collect-findings.ts';
import { type DemoFindings, demoResult } from './collect-result.ts';
import type { DemoResult } from './demo-result.ts';
import { placeKey, placesIn } from './finding-verdict.ts';
import { LambdaProcess } from './lambda-process.ts';
import { type LoadedSession, loadSession } from './load-session.ts';
import { type ReplayObserver, replay } from './replay.ts';
import { synthesize } from './synthesize.ts';
import { planTicks } from './ticks.ts';

export interface DemoOptions {
  /** File or folder of logs. */
  readonly logs: string;
  /** What the logs are, for a person. */
  readonly source: string;
  /** The environment that an Airflow `logs/` folder belongs to. */
  readonly environment?: string;
  readonly everyMinutes: number;
}

/** Told of everything as it happens. */
export interface DemoObserver extends ReplayObserver {
  readonly onReadProgress?: (progress: ReadProgress) => void;
  readonly onLoaded?: (session: LoadedSession) => void;
  readonly onReady?: (plan: {
    readonly monitor: SynthesizedMonitor;
    readonly ticks: readonly number[];
    readonly alarms: readonly MetricAlarm[];
  }) => void;
  /** One line that the monitor wrote to its log. */
  readonly onLogLine?: (line: string) => void;
}

type Cleanup = () => Promise<void>;

/**
 * Runs the monitor on recorded logs: synthesizes its stack, runs the synthesized bundle tick by tick
 * against local stand-ins for AWS, and evaluates the alarms of the synthesized template.
 *
 * @throws LogReadError or SessionError for logs that cannot be replayed, SynthesisError, and Error
 *   when the bundle is missing or does not start
 */
export async function runDemo(options: DemoOptions, observer: DemoObserver): Promise<DemoResult> {
  const cleanups: Cleanup[] = [];
  try {
    return await runParts(options, observer, cleanups);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

async function runParts(
  options: DemoOptions,
  observer: DemoObserver,
  cleanups: Cleanup[],
): Promise<DemoResult> {
  const startedMs = performance.now();
  const workDirectory = await mkdtemp(join(tmpdir(), 'mwaa-privilege-monitor-'));
  cleanups.push(() => rm(workDirectory, { recursive: true, force: true }));

  const session = await loadSession(options.logs, options.environment, (progress) =>
    observer.onReadProgress?.(progress),
  );
  const { engine, mwaaEnvironment, tally } = session;
  cleanups.push(async () => engine.close());
  observer.onLoaded?.(session);

  const { everyMinutes } = options;
  const monitor = await readCloudAssembly(
    await synthesize({ mwaaEnvironment, everyMinutes }, workDirectory),
  );
  const { ticks, firstWindowStart } = planTicks(tally, monitor.config);
  const alarms = readAlarms(monitor.template);
  for (const { logGroup } of session.logGroups) {
    await engine.createLogGroup(logGroup, firstWindowStart);
  }

  const clock = new VirtualClock(firstWindowStart);
  const endpoints = await startAwsEndpoints({
    ...{ engine, clock },
    tableNames: [monitor.config.ledgerTableName],
  });
  cleanups.push(() => endpoints.close());
  const lambda = await LambdaProcess.start({
    ...monitor,
    environment: cleanEnvironment(monitor, endpoints.url, workDirectory),
    endpointUrl: endpoints.url,
    startEpochMs: ticks[0] ?? firstWindowStart,
    onLogLine: (line) => {
      tally.secrets.look("the monitor's log", line);
      observer.onLogLine?.(line);
    },
  });
  cleanups.push(() => lambda.close());

  observer.onReady?.({ monitor, ticks, alarms });
  const evaluator = new AlarmEvaluator(alarms, endpoints.metrics);
  const replayed = await replay(
    {
      ...{ ticks, everyMinutes, clock, endpoints, evaluator },
      functionName: monitor.functionName,
      findingsTopicArn: monitor.config.findingsTopicArn,
      invoke: (tick) => lambda.invoke(tick),
    },
    observer,
  );
  const evidence = new Set(
    findingResults(replayed.findings).flatMap((finding) => finding.evidence.map(placeKey)),
  );
  const evidenceInInput = await placesIn(
    readLogs(
      options.logs,
      options.environment === undefined ? {} : { environment: options.environment },
    ),
    evidence,
  );
  const findings: DemoFindings = {
    ...{ session, monitor, replayed, alarms, evidenceInInput },
    metrics: endpoints.metrics,
  };
  return await demoResult(options.source, findings, (performance.now() - startedMs) / 1000);
}
