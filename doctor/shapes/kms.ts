import { z } from 'zod';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
export const keyMetadataShape = z
  .object({
    AWSAccountId: z.string(),
    KeyId: z.string(),
    Arn: z.string().startsWith('arn:'),
    /** `CUSTOMER` or `AWS`. */
    KeyManager: z.string(),
    KeyState: z.string(),
    KeySpec: z.string(),
    KeyUsage: z.string(),
    MultiRegion: z.boolean(),
    /** The origin of the key material; only `AWS_KMS` rotates automatically. */
    Origin: z.string(),
    DeletionDate: z.iso.datetime(),
  })
  .partial();

export type KeyMetadata = z.output<typeof keyMetadataShape>;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html */
export const keyRotationShape = z
  .object({ KeyRotationEnabled: z.boolean(), RotationPeriodInDays: z.number() })
  .partial();

export type KeyRotation = z.output<typeof keyRotationShape>;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html */
export const grantShape = z
  .object({
    GrantId: z.string(),
    Name: z.string(),
    GranteePrincipal: z.string(),
    /** A newer field, for a grantee that is an AWS service. */
    GranteeServicePrincipal: z.string(),
    RetiringPrincipal: z.string(),
    RetiringServicePrincipal: z.string(),
    Operations: z.array(z.string()),
    Constraints: z.record(z.string(), z.unknown()),
  })
  .partial();

export type Grant = z.output<typeof grantShape>;
