import { KMSClient } from '@aws-sdk/client-kms';
import type { MwaaAccess } from '../../lambda/aws/mwaa-request.ts';
import { ObserveError } from './observe-error.ts';

/** The credentials and the Region to call AWS with. */
export interface AwsAccess {
  readonly region: string;
  /** A provider for SDK clients, which renews credentials that expire. */
  readonly credentials: KMSClient['config']['credentials'];
  readonly mwaa: MwaaAccess;
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
    mwaa: { endpoint: mwaaEndpoint(region), region, credentials, fetch },
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
 * MWAA's operations on environments have the host prefix `api.`; a configured endpoint has none.
 */
function mwaaEndpoint(region: string): string {
  const configured = process.env.AWS_ENDPOINT_URL_MWAA || process.env.AWS_ENDPOINT_URL;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return configured || `https://api.airflow.${region}.${domain}`;
}
