import { dirname, join } from 'node:path';
import { localPlace } from '../../aws-place.ts';
import type { SynthesizedMonitor } from './cloud-assembly.ts';

/**
 * All environment variables of the local Lambda: those that Lambda sets, the function's own, and
 * those that send every AWS call to one address.
 *
 * Nothing is inherited from the caller's environment. Profile files point to missing files, since a
 * `~/.aws/config` may name endpoints, proxies and credential processes.
 *
 * @param emptyDirectory a directory without profile files
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
