import { FlowLogDestination } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';
import { CfnOutput, type Environment, Fn, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AirflowConfig } from '../config/airflow-config.ts';
import { airflowBucket, auditBucket } from './airflow-bucket.ts';
import { executionRole } from './airflow-execution-role.ts';
import { airflowLogGroups } from './airflow-log-groups.ts';
import { AirflowNetwork } from './airflow-network.ts';
import { secretsBackend } from './airflow-secrets.ts';

export interface AirflowEnvironmentStackProps {
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
    const { env, mwaaEnvironment, airflow } = props;
    super(scope, id, { description: `MWAA environment ${mwaaEnvironment}, hardened`, env });
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
