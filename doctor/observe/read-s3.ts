import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { ObservedBucket } from '../shapes/observation.ts';
import {
  bucketEncryptionShape,
  bucketPolicyShape,
  bucketVersioningShape,
  publicAccessBlockShape,
} from '../shapes/s3.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';

const blockAnswer = z
  .object({ PublicAccessBlockConfiguration: publicAccessBlockShape.default({}) })
  .transform((answer) => answer.PublicAccessBlockConfiguration);
const encryptionAnswer = z
  .object({ ServerSideEncryptionConfiguration: bucketEncryptionShape.default({}) })
  .transform((answer) => answer.ServerSideEncryptionConfiguration);

export async function observeBucket(
  ask: Ask,
  { s3 }: Pick<DoctorClients, 's3'>,
  Bucket: string,
): Promise<ObservedBucket> {
  const [versioning, publicAccessBlock, policy, encryption] = await Promise.all([
    ask('s3:GetBucketVersioning', bucketVersioningShape, () =>
      s3.send(new GetBucketVersioningCommand({ Bucket })),
    ),
    ask('s3:GetBucketPublicAccessBlock', blockAnswer, () =>
      noneFor('NoSuchPublicAccessBlockConfiguration', () =>
        s3.send(new GetPublicAccessBlockCommand({ Bucket })),
      ),
    ),
    ask('s3:GetBucketPolicy', bucketPolicyShape, () =>
      noneFor('NoSuchBucketPolicy', () => s3.send(new GetBucketPolicyCommand({ Bucket }))),
    ),
    ask('s3:GetEncryptionConfiguration', encryptionAnswer, () =>
      noneFor('ServerSideEncryptionConfigurationNotFoundError', () =>
        s3.send(new GetBucketEncryptionCommand({ Bucket })),
      ),
    ),
  ]);
  return { versioning, publicAccessBlock, policy, encryption };
}

/** Returns `{}` for the specific error by which S3 reports that a setting was never made. */
async function noneFor(errorName: string, call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && error.name === errorName) return {};
    throw error;
  }
}
