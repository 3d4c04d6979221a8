/** Parts of the SDK that the function does not need, as small as they can be: see lambda-bundle.ts. */

/**
 * Replaces `@aws-sdk/signature-v4-multi-region` in the bundle: only EventBridge's global endpoints need the
 * signatures of several Regions, and the function calls the endpoint of its own Region.
 */
export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4';

/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundle.
 *
 * The SDK's chain also supports profiles, SSO, processes and instance metadata, which make a third
 * of the bundle and of its import time; Lambda always passes credentials in environment variables.
 */
export function defaultProvider() {
  return async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
      throw new Error(
        'No AWS credentials: this bundle reads them from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) only, as Lambda sets them; profiles, SSO and instance metadata were left out of it.',
      );
    }
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    };
  };
}

/**
 * Replaces `@smithy/core/event-streams` in the bundle: 20 kB that only StartLiveTail of CloudWatch
 * Logs would use, which the function never calls.
 */
export function resolveEventStreamSerdeConfig<T>(config: T): T {
  return config;
}

export function eventStreamSerdeProvider(): never {
  throw noEventStreams();
}

export class EventStreamSerde {
  constructor() {
    throw noEventStreams();
  }
}

function noEventStreams(): Error {
  return new Error('Event streams were left out of this bundle: none of its operations has one.');
}
