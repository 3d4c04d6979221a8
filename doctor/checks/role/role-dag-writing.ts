import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { type ExecutionRole, judgeRole } from '../../facts/role-facts.ts';
import { evaluate, statementName } from '../../policy/evaluate.ts';
import { forRoleItself } from '../../policy/principals.ts';
import { judgePolicy } from '../../policy/read-policy.ts';
import { contextOf } from '../../policy/request.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { type Judgement, judge, toDo, unanswered, warn } from '../../shapes/judgement.ts';

const actions = ['s3:PutObject', 's3:DeleteObject'];

export const roleDagWriting: Check = {
  id: 'role-dag-writing',
  area: 'execution role',
  title: 'The execution role may not write DAGs',
  meaning:
    'A DAG that writes other DAGs bypasses the review of the pipeline that should be the only way into the bucket.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { SourceBucketArn, DagS3Path } = facts.environment ?? {};
      if (SourceBucketArn === undefined) {
        return [unanswered('airflow:GetEnvironment', 'SourceBucketArn')];
      }
      const teams = Object.values(facts.environment?.Teams ?? {});
      const folders = [{ SourceBucketArn, DagS3Path }, ...teams];
      const dags = folders.map(
        ({ SourceBucketArn: bucket, DagS3Path: path = 'dags' }) =>
          `${bucket}/${path.replace(/\/$/, '')}/any.py`,
      );
      const byBucket = dags.map((dag) => ({ dag, answer: bucketSays(facts, role, dag) }));
      const notDenied = byBucket.filter(({ answer }) => answer !== 'denied');
      const forbidden = notDenied.map(({ dag }) => ({ actions, resource: dag }));
      return [
        ...judgeForbidden(facts, role, forbidden, 'write DAGs', warn),
        ...notDenied.flatMap(({ answer }) => (typeof answer === 'object' ? answer : [])),
      ];
    }),
};

/** A bucket policy alone can allow the role, and can deny it despite the role's own policies. */
function bucketSays(
  facts: Facts,
  role: ExecutionRole,
  dag: string,
): 'denied' | readonly Judgement[] {
  const name = dag.split(':').at(-1)?.split('/')[0] ?? '';
  const bucket = facts.observed.buckets[name];
  if (bucket === undefined) return [unanswered('s3:GetBucketPolicy', `answer for ${name}`)];
  let denied = false;
  const judged = judge(bucket.policy, ({ Policy }) =>
    Policy === undefined
      ? []
      : judgePolicy(Policy, `the policy of ${name}`, (policy) => {
          const decisions = actions.map((action) =>
            evaluate([forRoleItself(policy, role.arn)], {
              principal: { kind: 'role', arn: role.arn, account: facts.account },
              action,
              resource: dag,
              context: contextOf({ 'aws:PrincipalArn': role.arn, 'aws:SecureTransport': 'true' }),
            }),
          );
          denied = decisions.every(({ outcome }) => outcome === 'denied');
          const allowing = decisions.filter(({ outcome }) => outcome === 'allowed');
          if (allowing.length === 0) return [];
          const by = new Set(allowing.flatMap(({ statements }) => statements.map(statementName)));
          return [
            warn(
              `the policy of ${name} lets the execution role write DAGs: ${[...by].join(', ')}`,
              toDo(
                'Remove the role from the statement; this command shows the policy.',
                awsCommand(
                  facts.observed,
                  's3api get-bucket-policy',
                  `--bucket ${name}`,
                  '--query Policy --output text',
                ),
              ),
            ),
          ];
        }),
  );
  return denied ? 'denied' : judged;
}
