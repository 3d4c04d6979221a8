import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { MwaaAccess } from '../../lambda/aws/mwaa-request.ts';

/**
 * Nothing can be observed until the user fixes something; the message says what, in one sentence.
 */
export class ObserveError extends Error {
  override readonly name = 'ObserveError';
}

/** The credentials and the Region to call AWS with. */
export interface AwsAccess {
  readonly region: string;
  /** A provider for SDK clients, which renews credentials that expire. */
  readonly credentials: KMSClient['config']['credentials'];
  readonly mwaa: MwaaAccess;
  /** MWAA's operations that reach into an environment. */
  readonly airflow: MwaaAccess;
}

export interface AwsAccessOptions {
  /** @default - the Region of the profile, or of the environment variables */
  readonly region?: string | undefined;
  /** @default - AWS_PROFILE, or the default profile */
  readonly profile?: string | undefined;
}

/**
 * The credentials and the Region that the AWS CLI would use: environment variables, profile, SSO,
 * instance. An explicitly given profile takes precedence over credentials in environment variables.
 *
 * @throws ObserveError without credentials or Region
 */
export async function findAwsAccess(options: AwsAccessOptions): Promise<AwsAccess> {
  const { region: given, profile } = options;
  const probe = new KMSClient({
    ...(given !== undefined && { region: given }),
    ...(profile !== undefined && { profile }),
  });
  const region = await settled(
    () => probe.config.region(),
    'no AWS Region is configured: give --region, or set AWS_REGION',
  );
  const credentials = await settled(
    () => probe.config.credentials(),
    `no AWS credentials were found${ofProfile(profile)}: log in (aws sso login), set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  );
  return {
    region,
    credentials: probe.config.credentials,
    mwaa: { endpoint: mwaaEndpoint(region, 'api'), region, credentials, fetch },
    airflow: { endpoint: mwaaEndpoint(region, 'env'), region, credentials, fetch },
  };
}

async function settled<T>(find: () => Promise<T>, otherwise: string): Promise<T> {
  try {
    return await find();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ObserveError(`${otherwise} (${reason})`, { cause });
  }
}

function ofProfile(profile = process.env.AWS_PROFILE): string {
  return profile ? ` for profile ${profile}` : '';
}

/**
 * MWAA's operations on environments have the host prefix `api.`, those that reach into one `env.`; a configured
 * endpoint has none.
 */
function mwaaEndpoint(region: string, prefix: 'api' | 'env'): string {
  const configured = process.env.AWS_ENDPOINT_URL_MWAA || process.env.AWS_ENDPOINT_URL;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return configured || `https://${prefix}.airflow.${region}.${domain}`;
}

/** The clients of the services that the doctor reads. */
export interface DoctorClients {
  readonly region: string;
  readonly mwaa: MwaaAccess;
  readonly logs: CloudWatchLogsClient;
  readonly cloudWatch: CloudWatchClient;
  readonly kms: KMSClient;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly cloudFormation: CloudFormationClient;
  readonly cloudTrail: CloudTrailClient;
}

/**
 * More than the SDK's default: the doctor makes many calls in a short time, which may be throttled.
 */
const attemptsMax = 6;
/** A network without a route to a service drops requests silently: only a timeout ends the call. */
const requestHandler = {
  connectionTimeout: 3_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * Creates clients with the credentials and the Region that the AWS CLI would use.
 *
 * @throws ObserveError without credentials or Region
 */
export async function createDoctorClients(options: AwsAccessOptions): Promise<DoctorClients> {
  const { region, credentials, mwaa } = await findAwsAccess(options);
  const configuration = { region, credentials, maxAttempts: attemptsMax, requestHandler };
  return {
    region,
    mwaa,
    logs: new CloudWatchLogsClient(configuration),
    cloudWatch: new CloudWatchClient(configuration),
    kms: new KMSClient(configuration),
    iam: new IAMClient(configuration),
    s3: new S3Client({ ...configuration, followRegionRedirects: true }),
    sns: new SNSClient(configuration),
    cloudFormation: new CloudFormationClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  };
}
