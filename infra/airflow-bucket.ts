import { AnyPrincipal, ArnPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AirflowConfig } from './airflow-config.ts';

export interface AirflowBucketProps {
  readonly key: IKey;
  readonly auditBucket: IBucket;
  readonly dagWriters: AirflowConfig['dagWriters'];
}

/** Kept with its policy when the stack goes, and not left behind by a deployment that failed. */
const outlives = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** DAGs, requirements and plugins: whoever may write here may become Airflow's Admin. */
export function airflowBucket(scope: Construct, props: AirflowBucketProps): Bucket {
  const { key, auditBucket, dagWriters } = props;
  const bucket = new Bucket(scope, 'Bucket', {
    // MWAA demands versions and no public access, and the key of the environment:
    // https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-s3-bucket.html
    versioned: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    // Access is a matter of policies: no ACL of an object can open it.
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    serverAccessLogsBucket: auditBucket,
    serverAccessLogsPrefix: 'bucket-access/',
    removalPolicy: outlives,
  });
  bucket.policy?.applyRemovalPolicy(outlives);
  if (dagWriters !== undefined) keepToWriters(bucket, dagWriters);
  return bucket;
}

/**
 * Who wrote which DAG, and where the environment's network traffic went: for as long as its logs.
 *
 * With keys of S3's own, since S3 delivers access logs into no bucket that is encrypted with KMS:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export function auditBucket(scope: Construct, keptDays: number): Bucket {
  const bucket = new Bucket(scope, 'AuditBucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [{ expiration: Duration.days(keptDays) }],
    removalPolicy: outlives,
  });
  bucket.policy?.applyRemovalPolicy(outlives);
  return bucket;
}

/**
 * Denied to everybody else, administrators included: they would have to change this policy first.
 * Replication writes by actions of its own. The bucket's settings stay with its administrators.
 */
function keepToWriters(bucket: Bucket, dagWriters: string[]): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowDagWriters',
      effect: Effect.ALLOW,
      principals: dagWriters.map((arn) => new ArnPrincipal(arn)),
      actions: ['s3:GetObject', 's3:ListBucket', 's3:PutObject', 's3:DeleteObject'],
      resources: [bucket.bucketArn, bucket.arnForObjects('*')],
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'DenyWritingToEverybodyElse',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: [
        's3:PutObject',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:ReplicateObject',
        's3:ReplicateDelete',
      ],
      resources: [bucket.arnForObjects('*')],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': dagWriters } },
    }),
  );
}
