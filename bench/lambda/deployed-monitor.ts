import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AwsEndpoints, startAwsEndpoints } from '../../local/aws-endpoints/aws-endpoints.ts';
import type { QueryEngine } from '../../local/aws-endpoints/logs/query-engine.ts';
import { VirtualClock } from '../../local/clock.ts';
import { cleanEnvironment } from '../../local/demo/run/clean-environment.ts';
import type { SynthesizedMonitor } from '../../local/demo/run/cloud-assembly.ts';
import { type Invocation, LimitedLambda } from './limited-lambda.ts';

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
