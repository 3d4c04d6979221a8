import { z } from 'zod';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
export const roleShape = z
  .object({
    RoleName: z.string(),
    Arn: z.string(),
    /** The trust policy: JSON, percent-encoded by the API. */
    AssumeRolePolicyDocument: z.string(),
    PermissionsBoundary: z.object({ PermissionsBoundaryArn: z.string() }).partial(),
  })
  .partial();

export type Role = z.output<typeof roleShape>;

/** An inline or attached policy of a role; the document is JSON, percent-encoded by the API. */
export const rolePolicyShape = z.object({
  /** The name of an inline policy, or the ARN of an attached one. */
  name: z.string(),
  document: z.string(),
});

export type RolePolicy = z.output<typeof rolePolicyShape>;

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

/**
 * `Attributes` of SNS's GetTopicAttributes: `Policy`, `KmsMasterKeyId`, `SubscriptionsConfirmed`, …
 * https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
 */
export const topicAttributesShape = z.record(z.string(), z.string());

export type TopicAttributes = z.output<typeof topicAttributesShape>;

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html */
export const subscriptionShape = z
  .object({
    /** `PendingConfirmation` until the receiver has confirmed. */
    SubscriptionArn: z.string(),
    Protocol: z.string(),
    Endpoint: z.string(),
  })
  .partial();

export type Subscription = z.output<typeof subscriptionShape>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html */
export const stackShape = z
  .object({
    StackName: z.string(),
    StackStatus: z.string(),
    Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() }).partial()),
  })
  .partial();

export type DeployedStack = z.output<typeof stackShape>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResource.html */
export const stackResourceShape = z
  .object({ StackName: z.string(), ResourceType: z.string(), PhysicalResourceId: z.string() })
  .partial();

export type StackResource = z.output<typeof stackResourceShape>;

const arn = z.string().startsWith('arn:');

const team = z.object({ SourceBucketArn: arn, DagS3Path: z.string() }).partial();
type Team = z.output<typeof team>;

const moduleLogging = z
  .object({
    Enabled: z.boolean(),
    LogLevel: z.string(),
    /** Missing until the group is created. */
    CloudWatchLogGroupArn: z.string(),
  })
  .partial();

/**
 * `Environment` of MWAA's GetEnvironment: the fields that are read.
 * https://docs.aws.amazon.com/mwaa/latest/API/API_Environment.html
 */
export const environmentShape = z
  .object({
    Name: z.string(),
    Arn: arn,
    Status: z.string(),
    AirflowVersion: z.string(),
    ExecutionRoleArn: arn,
    /** As configured: key ID, ARN or alias; missing with the AWS owned key. */
    KmsKey: z.string(),
    SourceBucketArn: arn,
    DagS3Path: z.string(),
    AirflowConfigurationOptions: z.record(z.string(), z.string()),
    WebserverUrl: z.string(),
    WebserverAccessMode: z.string(),
    EndpointManagement: z.string(),
    LastUpdate: z
      .object({
        Status: z.string(),
        Source: z.string(),
        Error: z.object({ ErrorCode: z.string(), ErrorMessage: z.string() }).partial(),
      })
      .partial(),
    LoggingConfiguration: z
      .object({
        DagProcessingLogs: moduleLogging,
        SchedulerLogs: moduleLogging,
        TaskLogs: moduleLogging,
        WebserverLogs: moduleLogging,
        WorkerLogs: moduleLogging,
      })
      .partial(),
    /** New and known only from the documentation: any other shape still counts as configured. */
    IdentityCenterConfiguration: z
      .object({ StartUrl: z.string(), IdentityStoreId: z.string() })
      .partial()
      .or(z.unknown().transform(() => ({}) as { StartUrl?: string; IdentityStoreId?: string })),
    /** For Airflow's multi-team support: each team can have its own DAG bucket. */
    Teams: z
      .record(z.string(), team)
      .or(z.unknown().transform((other) => ({ [JSON.stringify(other)]: {} as Team }))),
  })
  .partial();

export type MwaaEnvironment = z.output<typeof environmentShape>;
