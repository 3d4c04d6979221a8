import { z } from 'zod';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const bucketVersioningShape = z.object({ Status: z.string() }).partial();

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html */
export const publicAccessBlockShape = z
  .object({
    BlockPublicAcls: z.boolean(),
    IgnorePublicAcls: z.boolean(),
    BlockPublicPolicy: z.boolean(),
    RestrictPublicBuckets: z.boolean(),
  })
  .partial();

/** `Policy` is missing when the bucket has none (S3 answers NoSuchBucketPolicy). */
export const bucketPolicyShape = z.object({ Policy: z.string() }).partial();

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html */
export const bucketEncryptionShape = z
  .object({
    Rules: z.array(
      z
        .object({
          ApplyServerSideEncryptionByDefault: z
            .object({ SSEAlgorithm: z.string(), KMSMasterKeyID: z.string() })
            .partial(),
        })
        .partial(),
    ),
  })
  .partial();

export type BucketEncryption = z.output<typeof bucketEncryptionShape>;

/** How a bucket encrypts objects that are written without encryption options. */
export function defaultEncryption({ Rules }: BucketEncryption) {
  return Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {};
}
