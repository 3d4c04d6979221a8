import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { WitnessConfig } from '../../infra/config/witness-config.ts';
import type { LogType } from '../../lambda/model/log-types.ts';
import { AlarmEvaluator } from '../alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import { readAlarms } from '../alarms/read-alarms.ts';
import { startAwsEndpoints } from '../aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../clock.ts';
import type { EndTimeReading } from '../insights-engine/engine-types.ts';
import type { ReadProgress } from '../log-readers/read-logs.ts';
import { disturb, faultyPack } from './disturb/disturb-session.ts';
import type { DemoResult, LateChangeResult, PackFault } from './result/demo-result.ts';
import { readCloudAssembly, type SynthesizedMonitor } from './run/cloud-assembly.ts';
import { cleanEnvironment, LambdaProcess } from './run/lambda-process.ts';
import { type ReplayObserver, replay } from './run/live-through.ts';
import { type Cleanup, withCleanups } from './run/with-cleanups.ts';
import {
  type LoadedSession,
  loadSession,
  quickSweeps,
  readSession,
  type ScanSettings,
} from './session/load-session.ts';
import { placeKey, placesIn } from './session/session.ts';
import { planTicks } from './session/ticks.ts';
import { type DemoFindings, demoResult, findingResults } from './verdict/collect-result.ts';

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));
/** In the package of the CLI, compiled like this file. */
const appFile = `infra/app${extname(import.meta.url)}`;

/** Synthesis failed; the message contains the last lines that the app wrote. */
class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

type DemoEnvironment = {
  readonly mwaaEnvironment: string;
  readonly witness?: Partial<WitnessConfig>;
} & ({ readonly everyMinutes: number } | ScanSettings);

/**
 * The environment file of a demo. Its monitor shares its account with no other, so it has nothing to
 * wait for before a tick.
 */
export function environmentText(environment: DemoEnvironment): string {
  return stringify({ offsetMinutes: 0, delaySeconds: 0, ...environment });
}

/**
 * Synthesizes the monitor of one environment as `cdk synth` would, without the CDK CLI: same app,
 * same feature flags, its own environment file.
 *
 * @param workDirectory an existing directory for the environment file and the assembly
 * @returns the directory of the cloud assembly
 */
export async function synthesize(
  environment: DemoEnvironment,
  workDirectory: string,
): Promise<string> {
  // A file's name becomes the stack's, which cannot hold an underscore.
  const fileName = environment.mwaaEnvironment.replaceAll('_', '-');
  const environmentFile = join(workDirectory, `${fileName}.yaml`);
  await writeFile(environmentFile, environmentText(environment));
  const assemblyDirectory = join(workDirectory, 'cdk.out');
  const home = join(workDirectory, 'home');
  await mkdir(home);
  const { context } = JSON.parse(await readFile(join(projectDirectory, 'cdk.json'), 'utf8'));

  const { PATH, TMPDIR, TEMP, SystemRoot, NODE_COMPILE_CACHE } = process.env;
  const inherited = { PATH, TMPDIR, TEMP, SystemRoot, NODE_COMPILE_CACHE };
  try {
    await promisify(execFile)(process.execPath, [appFile], {
      cwd: projectDirectory,
      env: {
        ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)),
        HOME: home,
        // Skip the check against CloudFormation's schemas: it takes seconds and matters for
        // deployments only.
        CDK_VALIDATION: 'false',
        CDK_OUTDIR: assemblyDirectory,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, environmentFile }),
      },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new SynthesisError(
      `the monitor cannot be synthesized: ${said.split('\n').slice(-3).join(' ') || cause}`,
      { cause },
    );
  }
  return assemblyDirectory;
}

export interface DemoOptions {
  /** File or folder of logs. */
  readonly logs: string;
  /** A description of the logs. */
  readonly source: string;
  /** The environment that an Airflow `logs/` folder belongs to. */
  readonly environment?: string;
  /** The log type of Airflow logs whose paths do not show it. */
  readonly logType?: LogType;
  readonly everyMinutes: number;
  /** Minutes in the middle of the session without invocations. @default 0 */
  readonly outageMinutes?: number;
  /** Number of privilege changes that arrive after the scan has passed their time. @default 0 */
  readonly lateChanges?: number;
  /** The fault to inject into the pack's queries. @default - none */
  readonly packFault?: PackFault;
  /** How the endpoints read StartQuery's `endTime`: AWS may read it either way. */
  readonly endTime: EndTimeReading;
  /** Makes the cloud assembly. @default - from this project, in a process of its own */
  readonly synthesize?: typeof synthesize;
}

/** Callbacks during a demo. */
export interface DemoObserver extends ReplayObserver {
  readonly onReadProgress?: (progress: ReadProgress) => void;
  readonly onLoaded?: (session: LoadedSession) => void;
  /** Called before the synthesis of the monitor, which takes seconds. */
  readonly onSynthesis?: (mwaaEnvironment: string) => void;
  readonly onReady?: (plan: {
    readonly monitor: SynthesizedMonitor;
    readonly ticks: readonly number[];
    readonly missed: ReadonlySet<number>;
    readonly lateChanges: readonly LateChangeResult[];
    readonly alarms: readonly MetricAlarm[];
    readonly endTime: EndTimeReading;
  }) => void;
  /** Called with each line of the monitor's log. */
  readonly onLogLine?: (line: string) => void;
}

/**
 * Runs the monitor on recorded logs: synthesizes its stack, runs the synthesized bundle tick by tick
 * against local stand-ins for AWS, and evaluates the alarms of the synthesized template.
 *
 * With an outage or late changes, the sweeps run within the session, and the findings are compared
 * with an undisturbed run.
 *
 * @throws LogReadError or SessionError for logs that cannot be replayed, SynthesisError, and Error
 *   when the bundle is missing or does not start
 */
export async function runDemo(options: DemoOptions, observer: DemoObserver): Promise<DemoResult> {
  return withCleanups((cleanups) => runParts(options, observer, cleanups));
}

async function runParts(
  options: DemoOptions,
  observer: DemoObserver,
  cleanups: Cleanup[],
): Promise<DemoResult> {
  const startedMs = performance.now();
  const workDirectory = await mkdtemp(join(tmpdir(), 'mwaa-privilege-monitor-'));
  cleanups.push(() => rm(workDirectory, { recursive: true, force: true }));

  const source = { ...options, path: options.logs };
  const session = await loadSession(source, (progress) => observer.onReadProgress?.(progress));
  const { engine, mwaaEnvironment, tally } = session;
  cleanups.push(async () => engine.close());
  observer.onLoaded?.(session);

  const { everyMinutes, outageMinutes = 0, lateChanges: lateCount = 0, endTime } = options;
  const { packFault } = options;
  const isDisturbed = outageMinutes > 0 || lateCount > 0;
  const settings = isDisturbed ? quickSweeps(everyMinutes) : { everyMinutes };
  observer.onSynthesis?.(mwaaEnvironment);
  const assemble = options.synthesize ?? synthesize;
  const monitor = await readCloudAssembly(
    await assemble({ mwaaEnvironment, ...settings }, workDirectory),
  );
  const plan = planTicks(tally, monitor.config, { outageMinutes, untilSwept: isDisturbed });
  const { ticks, missed, firstWindowStart } = plan;
  const disturbance = isDisturbed ? await disturb(session, monitor, lateCount, plan) : undefined;
  const pack = packFault && (await faultyPack(session, monitor, packFault));
  const alarms = readAlarms(monitor.template);
  for (const { logGroup } of session.logGroups) {
    await engine.createLogGroup(logGroup, firstWindowStart);
  }

  const clock = new VirtualClock(firstWindowStart);
  const endpoints = await startAwsEndpoints({
    ...{ engine, clock, endTime },
    ...(pack && { queryFault: pack.rule }),
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

  const lateChanges = disturbance?.lateChanges ?? [];
  observer.onReady?.({ monitor, ticks, missed, lateChanges, alarms, endTime });
  const evaluator = new AlarmEvaluator(alarms, endpoints.metrics);
  const replayed = await replay(
    {
      ...{ ticks, missed, everyMinutes, clock, endpoints, evaluator },
      functionName: monitor.functionName,
      findingsTopicArn: monitor.config.findingsTopicArn,
      invoke: (tick) => lambda.invoke(tick),
    },
    observer,
  );
  const evidence = new Set(
    findingResults(replayed.findings).flatMap((finding) => finding.evidence.map(placeKey)),
  );
  const evidenceInInput = await placesIn(readSession(source), evidence);
  const findings: DemoFindings = {
    ...{ session, monitor, replayed, alarms, evidenceInInput, endTime },
    ...(disturbance && { disturbance }),
    ...(pack && { pack }),
    metrics: endpoints.metrics,
  };
  return await demoResult(options.source, findings, (performance.now() - startedMs) / 1000);
}
