import type { MwaaAccess } from './mwaa-request.ts';

/**
 * How the SDK's clients are configured, all alike.
 *
 * Region and credentials are passed in, so that the SDK reads no profile and calls no metadata
 * service. It finds the endpoint itself (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`,
 * …).
 */
export function clientConfiguration({
  region,
  credentials,
}: Pick<MwaaAccess, 'region' | 'credentials'>) {
  return {
    region,
    credentials,
    // One attempt: `call-aws.ts` retries what is worth retrying, within the deadline.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, throwOnRequestTimeout: true },
  };
}
