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
import type { AirflowConfig } from '../config/airflow-config.ts';

export interface AirflowBucketProps {
  readonly key: IKey;
  readonly auditBucket: IBucket;
  readonly dagWriters: AirflowConfig['dagWriters'];
}

/**
 * Retained with its policy when the stack is deleted, but not when the deployment that creates it
 * fails.
 */
const outlives = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** DAGs, requirements and plugins: everybody who may write here can become Airflow's Admin. */
export function airflowBucket(scope: Construct, props: AirflowBucketProps): Bucket {
  const { key, auditBucket, dagWriters } = props;
  const bucket = new Bucket(scope, 'Bucket', {
    // MWAA requires versioning, no public access and the environment's key:
    // https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-s3-bucket.html
    versioned: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    // Only policies grant access: no object's ACL can.
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
 * Records who wrote which DAG and where the environment's network traffic went, for as long as its
 * logs are stored.
 *
 * Encrypted with S3's own keys, since S3 does not deliver access logs to a bucket encrypted with
 * KMS:
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
 * Denies writing to everybody else, administrators included: they would have to change this policy
 * first. Replication has write actions of its own. Administrators can still change the bucket's
 * settings.
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
