import { CompositePrincipal, PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { acknowledgeWildcard } from '../resources/acknowledge-wildcard.ts';
import {
  type ExecutionScope,
  executionArns,
  executionStatements,
} from './airflow-execution-statements.ts';

/**
 * The role that every DAG runs as: what it may do, every author of a DAG may do.
 *
 * Its policy is inline, so that it exists as soon as the role does and the environment finds it
 * complete.
 */
export function executionRole(scope: Construct, reach: ExecutionScope): Role {
  const stack = Stack.of(scope);
  const arns = executionArns(stack, reach);
  // Only for this environment of this account, against the confused deputy:
  // https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html
  const conditions = {
    StringEquals: { 'aws:SourceAccount': stack.account },
    ArnLike: { 'aws:SourceArn': arns.environment },
  };
  const role = new Role(scope, 'ExecutionRole', {
    description: `Every DAG of MWAA environment ${reach.mwaaEnvironment} acts as this role`,
    assumedBy: new CompositePrincipal(
      ...['airflow.amazonaws.com', 'airflow-env.amazonaws.com'].map(
        (service) => new ServicePrincipal(service, { conditions }),
      ),
    ),
    inlinePolicies: {
      Execution: new PolicyDocument({ statements: executionStatements(stack, arns) }),
    },
  });

  for (const action of ['s3:GetObject*', 's3:GetBucket*', 's3:List*', 'kms:GenerateDataKey*']) {
    acknowledgeWildcard(role, { action }, 'As MWAA documents it, on one bucket or key.');
  }
  for (const [resource, reason] of [
    [arns.objects, 'Every object of the one bucket.'],
    [arns.logGroups, "The environment's log groups, which share a prefix."],
    [arns.queues, "The queue is named by MWAA, in an account of MWAA's."],
    [arns.secrets, "The environment's secrets, which share a prefix."],
    ['*', 'These three actions know no resource.'],
  ] as const) {
    acknowledgeWildcard(role, { resource }, reason);
  }
  return role;
}
