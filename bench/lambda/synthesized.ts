import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AwsEndpoints, startAwsEndpoints } from '../../local/aws-endpoints/aws-endpoints.ts';
import type { QueryEngine } from '../../local/aws-endpoints/logs/query-engine.ts';
import { VirtualClock } from '../../local/clock.ts';
import type { SynthesizedMonitor } from '../../local/demo/run/cloud-assembly.ts';
import { cleanEnvironment } from '../../local/demo/run/lambda-process.ts';
import { type Invocation, LimitedLambda } from './limited-lambda.ts';

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));

/** A monitor as one version of the project would deploy it. */
export interface Version {
  readonly name: string;
  readonly monitor: SynthesizedMonitor;
  /** Removes its temporary files. */
  close(): void;
}

/** The working tree's own version. */
export function thisVersion(mwaaEnvironment: string): Version {
  return synthesizedIn(projectDirectory, 'working tree', mwaaEnvironment, () => {});
}

/**
 * The version of a commit, branch or tag, in a separate checkout with this tree's packages.
 *
 * @throws Error when Git does not know the version, or it cannot be synthesized
 */
export function versionOf(gitRef: string, mwaaEnvironment: string): Version {
  const directory = join(mkdtempSync(join(tmpdir(), 'mwaa-privilege-monitor-ref-')), 'tree');
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: projectDirectory, encoding: 'utf8', stdio: 'pipe' }).trim();
  const commit = git('rev-parse', '--short', `${gitRef}^{commit}`);
  git('worktree', 'add', '--detach', directory, commit);
  const remove = () => {
    git('worktree', 'remove', '--force', directory);
  };
  try {
    symlinkSync(join(projectDirectory, 'node_modules'), join(directory, 'node_modules'));
    return synthesizedIn(directory, commit, mwaaEnvironment, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/** Runs that tree's own code, so that settings and plan belong to its version. */
const script = `
  const [mwaaEnvironment, directory] = process.argv.slice(1);
  const { synthesize } = await import(process.cwd() + '/local/demo/synthesize.ts');
  const { readCloudAssembly } = await import(process.cwd() + '/local/demo/cloud-assembly.ts');
  const assembly = await synthesize({ mwaaEnvironment, everyMinutes: 5 }, directory);
  process.stdout.write(JSON.stringify(await readCloudAssembly(assembly)));`;

function synthesizedIn(
  tree: string,
  name: string,
  mwaaEnvironment: string,
  remove: () => void,
): Version {
  const workDirectory = mkdtempSync(join(tmpdir(), 'mwaa-privilege-monitor-synth-'));
  const output = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--disable-warning=ExperimentalWarning',
      '-e',
      script,
      mwaaEnvironment,
      workDirectory,
    ],
    { cwd: tree, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return {
    name,
    monitor: JSON.parse(output),
    close() {
      rmSync(workDirectory, { recursive: true, force: true });
      remove();
    },
  };
}

/** A running monitor: its bundle under Lambda's limits, and local stand-ins for AWS. */
export interface DeployedMonitor {
  readonly endpoints: AwsEndpoints;
  readonly lambda: LimitedLambda;
  /** Runs a tick a few seconds after its time, as EventBridge does. */
  tick(tickEpochMs: number): Promise<Invocation>;
  close(): Promise<void>;
}

const startDelayMs = 4_000;

export async function deployMonitor(
  monitor: SynthesizedMonitor,
  engine: QueryEngine,
  startEpochMs: number,
  onLogLine?: (line: string) => void,
): Promise<DeployedMonitor> {
  const emptyDirectory = await mkdtemp(join(tmpdir(), 'mwaa-privilege-monitor-bench-'));
  const clock = new VirtualClock(startEpochMs);
  const endpoints = await startAwsEndpoints({
    ...{ engine, clock },
    tableNames: [monitor.config.ledgerTableName],
  });
  const lambda = new LimitedLambda({
    monitor,
    environment: cleanEnvironment(monitor, endpoints.url, emptyDirectory),
    endpointUrl: endpoints.url,
    ...(onLogLine && { onLogLine }),
  });
  return {
    ...{ endpoints, lambda },
    tick(tickEpochMs) {
      clock.set(tickEpochMs + startDelayMs);
      return lambda.invoke(tickEpochMs, clock.nowEpochMs());
    },
    async close() {
      await lambda.close();
      await endpoints.close();
      await rm(emptyDirectory, { recursive: true, force: true });
    },
  };
}
