import {
  type AwsEndpoints,
  type AwsEndpointsOptions,
  startAwsEndpoints,
} from '../../../local/aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../../../local/clock.ts';
import { memoryEngine } from './memory-engine.ts';

export const now = Date.parse('2026-11-22T06:00:00Z');

const running: AwsEndpoints[] = [];

/** Endpoints with a fixed clock; {@link stopEndpoints} closes them. */
export async function endpoints(changes: Partial<AwsEndpointsOptions> = {}): Promise<AwsEndpoints> {
  const started = await startAwsEndpoints({
    engine: memoryEngine(),
    clock: new VirtualClock(now),
    ...changes,
  });
  running.push(started);
  return started;
}

export async function stopEndpoints(): Promise<void> {
  await Promise.all(running.splice(0).map((started) => started.close()));
}

/** Options for an AWS client of these endpoints, without retries. */
export function clientFor({ url }: AwsEndpoints) {
  return {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
}
