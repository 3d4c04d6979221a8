import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { MwaaAccess } from '../../lambda/mwaa-request.ts';
import { ObserveError } from './observe-error.ts';

/** Whom the doctor asks. */
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

/** A throttled read is worth another try: the doctor asks much in a short time. */
const attemptsMax = 6;
/** A network that swallows requests, as one without a way to a service does, gives no answer at all. */
const requestHandler = {
  connectionTimeout: 3_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * Clients with the credentials and the Region that the AWS CLI would take: environment, profile,
 * SSO, instance.
 *
 * @param given undefined: the Region of environment or profile
 * @throws ObserveError without credentials or Region
 */
export async function createDoctorClients(given: string | undefined): Promise<DoctorClients> {
  const probe = new KMSClient(given === undefined ? {} : { region: given });
  const region = await settled(
    () => probe.config.region(),
    'there is no AWS Region: give --region, or set AWS_REGION',
  );
  const credentials = await settled(
    () => probe.config.credentials(),
    `there are no AWS credentials${ofProfile()}: log in (aws sso login), set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  );
  const configuration = {
    region,
    credentials: probe.config.credentials,
    maxAttempts: attemptsMax,
    requestHandler,
  };
  return {
    region,
    mwaa: { endpoint: mwaaEndpoint(region), region, credentials, fetch },
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

async function settled<T>(find: () => Promise<T>, otherwise: string): Promise<T> {
  try {
    return await find();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ObserveError(`${otherwise} (${reason})`, { cause });
  }
}

function ofProfile(): string {
  const profile = process.env.AWS_PROFILE;
  return profile ? ` of profile ${profile}` : '';
}

/** MWAA's operations on environments live under the host prefix `api.`; a stand-in has none. */
function mwaaEndpoint(region: string): string {
  const configured = process.env.AWS_ENDPOINT_URL_MWAA || process.env.AWS_ENDPOINT_URL;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return configured || `https://api.airflow.${region}.${domain}`;
}
