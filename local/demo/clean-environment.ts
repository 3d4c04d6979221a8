import { dirname, join } from 'node:path';
import { localPlace } from '../aws-endpoints/aws-place.ts';
import type { SynthesizedMonitor } from './cloud-assembly.ts';

/**
 * The whole environment of the local Lambda: what Lambda itself would set, the function's own
 * variables, and every AWS call sent to one address.
 *
 * Nothing is taken from the environment of whoever runs it. Profile files point to where there are
 * none, since a `~/.aws/config` may name endpoints, proxies and credential processes.
 *
 * @param emptyDirectory a directory in which there are no profile files
 */
export function cleanEnvironment(
  monitor: SynthesizedMonitor,
  endpointUrl: string,
  emptyDirectory: string,
): Record<string, string> {
  return {
    ...monitor.environmentVariables,
    AWS_REGION: localPlace.region,
    AWS_DEFAULT_REGION: localPlace.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(emptyDirectory, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(emptyDirectory, 'no-credentials'),
    AWS_LAMBDA_FUNCTION_NAME: monitor.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(monitor.memoryMegabytes),
    LAMBDA_TASK_ROOT: dirname(monitor.bundleFile),
    HOME: emptyDirectory,
    TZ: 'UTC',
  };
}
