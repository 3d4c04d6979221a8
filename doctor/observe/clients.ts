import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { MwaaAccess } from '../../lambda/aws/mwaa-request.ts';
import { type AwsAccessOptions, findAwsAccess } from './aws-access.ts';

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
