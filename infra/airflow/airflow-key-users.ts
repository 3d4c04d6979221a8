import { ArnPrincipal, Effect, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib/core';
import type { AirflowConfig } from '../config/airflow-config.ts';

/**
 * The principal that creates an environment makes four grants on its key for MWAA, in its own name:
 * https://docs.aws.amazon.com/mwaa/latest/userguide/custom-keys-certs.html
 *
 * `kms:GrantIsForAWSResource` would stop it from making grants for anybody else. AWS's page on MWAA
 * does not mention it, and nobody has shown that MWAA works with it.
 */
export function allowCreators(key: Key, airflow: AirflowConfig): void {
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
export function allowDagWriters(key: Key, { dagWriters }: AirflowConfig): void {
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
