import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { AwsAccess } from '../../doctor/observe/aws-access.ts';
import type { MwaaAccess } from '../../lambda/aws/mwaa-request.ts';
import { limitResponses } from '../../lambda/aws/response-limit.ts';

/** The clients of the services that an audit calls. */
export interface AuditClients {
  readonly region: string;
  readonly mwaa: MwaaAccess;
  /** For log groups: the SDK retries throttled calls. */
  readonly logs: CloudWatchLogsClient;
  readonly cloudWatch: CloudWatchClient;
  /** For queries: no SDK retries, since the function's own code retries, as in AWS. */
  readonly queries: CloudWatchLogsClient;
}

const attemptsMax = 6;

export function createAuditClients({ region, credentials, mwaa }: AwsAccess): AuditClients {
  const requestHandler = {
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
  } as const;
  const patient = { region, credentials, maxAttempts: attemptsMax, requestHandler };
  const queries = new CloudWatchLogsClient({ ...patient, maxAttempts: 1 });
  limitResponses(queries);
  return {
    region,
    mwaa,
    logs: new CloudWatchLogsClient(patient),
    cloudWatch: new CloudWatchClient(patient),
    queries,
  };
}
