import { FlowLogDestination } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, ArnPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import {
  CfnOutput,
  Duration,
  type Environment,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
} from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { AirflowConfig } from '../config/airflow-config.ts';
import { executionRole, secretsBackend } from './airflow-execution-role.ts';
import { AirflowNetwork } from './airflow-network.ts';

interface AirflowLogGroupsProps {
  readonly mwaaEnvironment: string;
  readonly key: IKey;
  readonly retentionDays: number;
}

/**
 * The five log groups, under the names that MWAA would give them and created before MWAA does: it
 * has no setting for log groups, creates those that are missing, and leaves existing ones as they
 * are.
 *
 * They are retained: their events outlive the environment. A later deployment takes over groups of
 * these names with `--import-existing-resources`.
 */
function airflowLogGroups(scope: Construct, props: AirflowLogGroupsProps): LogGroup[] {
  return logTypes.map(
    (logType) =>
      new LogGroup(scope, `${logType}Logs`, {
        logGroupName: logGroupName(props.mwaaEnvironment, logType),
        encryptionKey: props.key,
        // The values of the enumeration are numbers of days.
        retention: props.retentionDays as RetentionDays,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
  );
}

interface AirflowBucketProps {
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
function airflowBucket(scope: Construct, props: AirflowBucketProps): Bucket {
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
 * logs are stored. It is versioned: a record that somebody deletes or overwrites stays there as an old
 * version, which expires like the records.
 *
 * Encrypted with S3's own keys, since S3 does not deliver access logs to a bucket encrypted with
 * KMS:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
function auditBucket(scope: Construct, keptDays: number): Bucket {
  const bucket = new Bucket(scope, 'AuditBucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    lifecycleRules: [
      {
        expiration: Duration.days(keptDays),
        noncurrentVersionExpiration: Duration.days(keptDays),
      },
    ],
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

interface AirflowEnvironmentStackProps extends Pick<StackProps, 'tags' | 'permissionsBoundary'> {
  readonly env: Environment;
  readonly mwaaEnvironment: string;
  readonly airflow: AirflowConfig;
  /** ARN of a key that outlives this stack. */
  readonly keyArn: string;
}

/** An MWAA environment that follows AWS's pages on its security and its keys. */
export class AirflowEnvironmentStack extends Stack {
  private readonly zones: string[] | undefined;

  constructor(scope: Construct, id: string, props: AirflowEnvironmentStackProps) {
    const { mwaaEnvironment, airflow, keyArn: _, ...stackProps } = props;
    super(scope, id, {
      description: `MWAA environment ${mwaaEnvironment}, hardened`,
      ...stackProps,
    });
    this.zones = airflow.vpc.availabilityZones;
    const key = Key.fromKeyArn(this, 'Key', props.keyArn);

    const audit = auditBucket(this, airflow.logRetentionDays);
    const bucket = airflowBucket(this, { key, auditBucket: audit, dagWriters: airflow.dagWriters });
    const network = new AirflowNetwork(this, 'Network', {
      mwaaEnvironment,
      vpc: airflow.vpc,
      webserverClients: airflow.webserverClients,
    });
    network.newVpc?.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toS3(audit, 'vpc-flow-logs'),
    });
    const logGroups = airflowLogGroups(this, {
      mwaaEnvironment,
      key,
      retentionDays: airflow.logRetentionDays,
    });
    const role = executionRole(this, {
      mwaaEnvironment,
      bucketArn: bucket.bucketArn,
      keyArn: props.keyArn,
    });

    const atInfo = { enabled: true, logLevel: 'INFO' };
    const environment = new CfnEnvironment(this, 'Environment', {
      name: mwaaEnvironment,
      airflowVersion: airflow.airflowVersion,
      environmentClass: airflow.environmentClass,
      minWorkers: airflow.minWorkers,
      maxWorkers: airflow.maxWorkers,
      webserverAccessMode: airflow.webserverAccess,
      networkConfiguration: {
        subnetIds: network.subnetIds,
        securityGroupIds: [network.securityGroup.securityGroupId],
      },
      sourceBucketArn: bucket.bucketArn,
      dagS3Path: airflow.dagS3Path,
      requirementsS3Path: airflow.requirementsS3Path,
      requirementsS3ObjectVersion: airflow.requirementsS3ObjectVersion,
      pluginsS3Path: airflow.pluginsS3Path,
      pluginsS3ObjectVersion: airflow.pluginsS3ObjectVersion,
      executionRoleArn: role.roleArn,
      kmsKey: props.keyArn,
      airflowConfigurationOptions: {
        ...airflow.airflowConfigurationOptions,
        ...secretsBackend(mwaaEnvironment),
      },
      loggingConfiguration: {
        dagProcessingLogs: atInfo,
        schedulerLogs: atInfo,
        taskLogs: atInfo,
        webserverLogs: atInfo,
        workerLogs: atInfo,
      },
    });
    environment.node.addDependency(...logGroups, bucket, role, ...network.ready);

    this.output('EnvironmentArn', environment.attrArn, 'The environment');
    this.output('BucketName', bucket.bucketName, `DAGs go to ${airflow.dagS3Path}/ in here`);
    this.output('AuditBucketName', audit.bucketName, 'Who wrote DAGs; flow logs of a new VPC');
    this.output('ExecutionRoleArn', role.roleArn, 'Every DAG acts as this role');
    const { securityGroupId } = network.securityGroup;
    this.output('SecurityGroupId', securityGroupId, 'Who reaches the web server, beside IAM');
    this.output('WebserverUrl', environment.attrWebserverUrl, 'Airflow, from within its network');
  }

  /** By position unless they are named: a look-up would need credentials at synth. */
  override get availabilityZones(): string[] {
    return this.zones ?? [0, 1].map((at) => Fn.select(at, Fn.getAzs()));
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
