import { ArnPrincipal, Effect, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  CfnOutput,
  CrossStackReferences,
  DefaultStackSynthesizer,
  type Environment,
  Fn,
  ReferenceStrength,
  RemovalPolicy,
  Stack,
  type StackProps,
} from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AirflowConfig } from '../config/airflow-config.ts';
import { allowLogs } from '../resources/resources.ts';

/**
 * The principal that creates an environment makes four grants on its key for MWAA, in its own name:
 * https://docs.aws.amazon.com/mwaa/latest/userguide/custom-keys-certs.html
 *
 * `kms:GrantIsForAWSResource` would stop it from making grants for anybody else. AWS's page on MWAA
 * does not mention it, and nobody has shown that MWAA works with it.
 */
function allowCreators(key: Key, airflow: AirflowConfig): void {
  const principals = [
    deployingRole(Stack.of(key)),
    ...(airflow.creatorPrincipals ?? []).map((arn) => new ArnPrincipal(arn)),
  ];
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowCreatorsToUseTheKey',
      effect: Effect.ALLOW,
      principals,
      actions: [
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
      ],
      resources: ['*'],
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowCreatorsToGrantTheKeyToMwaa',
      effect: Effect.ALLOW,
      principals,
      actions: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
      resources: ['*'],
      ...(airflow.grantIsForAwsResource && {
        conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      }),
    }),
  );
}

/** A pipeline that uploads DAGs needs the bucket's key as well as the bucket. */
function allowDagWriters(key: Key, { dagWriters }: AirflowConfig): void {
  if (dagWriters === undefined) return;
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowDagWritersToUseTheKeyThroughS3',
      effect: Effect.ALLOW,
      principals: dagWriters.map((arn) => new ArnPrincipal(arn)),
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'kms:ViaService': `s3.${Stack.of(key).region}.amazonaws.com` },
      },
    }),
  );
}

/** CloudFormation creates what CDK deploys under this role of the bootstrap stack. */
function deployingRole(stack: Stack): IPrincipal {
  const { synthesizer } = stack;
  if (!(synthesizer instanceof DefaultStackSynthesizer)) {
    throw new Error(
      'the stack of the key must use the default synthesizer of CDK, which names the role that creates the environment',
    );
  }
  return new ArnPrincipal(Fn.sub(synthesizer.cloudFormationExecutionRoleArn));
}

const logsSid = 'AllowCloudWatchLogsToEncryptTheEnvironmentsLogs';
/**
 * Retained when the stack is deleted, but not when the deployment that creates the key fails: such
 * a key encrypts nothing.
 */
const outlives = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

interface AirflowKeyStackProps extends Pick<StackProps, 'tags' | 'permissionsBoundary'> {
  readonly env: Environment;
  readonly mwaaEnvironment: string;
  readonly airflow: AirflowConfig;
}

/**
 * The key of one MWAA environment, in a stack of its own.
 *
 * MWAA's log groups outlive the environment and keep the key that they were created with; an
 * environment that is created again with another key writes into groups that nobody can read any
 * more. So the key outlives everything: it is retained, its stack cannot be deleted by mistake, nor
 * at all while another stack uses the key, and its alias, retained as well, prevents a second key.
 */
export class AirflowKeyStack extends Stack {
  /** ARN of the key itself: MWAA accepts no alias. */
  readonly keyArn: string;

  constructor(scope: Construct, id: string, props: AirflowKeyStackProps) {
    const { mwaaEnvironment, airflow, ...stackProps } = props;
    super(scope, id, {
      description: `The key of MWAA environment ${mwaaEnvironment}: keep it as long as its log groups`,
      ...stackProps,
      terminationProtection: true,
    });
    const key = new Key(this, 'Key', {
      description: `Encrypts MWAA environment ${mwaaEnvironment}, its bucket and its log groups`,
      enableKeyRotation: true,
      removalPolicy: outlives,
    });
    const alias = key.addAlias(`alias/airflow-${mwaaEnvironment}`);
    alias.applyRemovalPolicy(outlives);
    // Only the environment's log groups; MWAA's sample allows all:
    // https://docs.aws.amazon.com/mwaa/latest/userguide/custom-keys-certs.html
    allowLogs(key, logsSid, `airflow-${mwaaEnvironment}-*`);
    allowCreators(key, airflow);
    allowDagWriters(key, airflow);
    // By export and import, so that CloudFormation deletes neither key nor output while they are in
    // use.
    CrossStackReferences.of(key).produce(ReferenceStrength.STRONG);
    this.keyArn = key.keyArn;
    new CfnOutput(this, 'KeyArn', { value: key.keyArn, description: 'The key of the environment' });
  }
}
