import { type Check, type Facts, readSecretsBackend } from '../../facts/facts.ts';
import { type ExecutionRole, judgeForbidden, judgeRole } from '../../facts/role-facts.ts';
import { evaluate, forRoleItself, statementName } from '../../policy/evaluate.ts';
import { contextOf, judgePolicy } from '../../policy/policy-document.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  judge,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';

export const roleAirflowAdmin: Check = {
  id: 'role-airflow-admin',
  area: 'execution role',
  title: 'The execution role may not become Airflow Admin',
  meaning:
    'With a token from MWAA a DAG can act as Admin in the web interface, REST API or CLI. The log groups do not distinguish it from a person; only CloudTrail does.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const prefix = `arn:${partition}:airflow:${observed.region}:${account}`;
      return judgeForbidden(
        facts,
        role,
        [
          {
            actions: ['airflow:CreateWebLoginToken', 'airflow:InvokeRestApi'],
            resource: `${prefix}:role/${observed.mwaaEnvironment}/Admin`,
          },
          {
            actions: ['airflow:CreateCliToken'],
            resource: `${prefix}:environment/${observed.mwaaEnvironment}`,
          },
        ],
        'become Airflow Admin',
        fail,
      );
    }),
};

export const roleSelfChange: Check = {
  id: 'role-self-change',
  area: 'execution role',
  title: 'The execution role may not change its own permissions',
  meaning: 'Otherwise every other limit of the role holds only until a DAG removes it.',
  look: (facts) =>
    judgeRole(facts, (role) =>
      judgeForbidden(
        facts,
        role,
        [
          {
            actions: [
              'iam:PutRolePolicy',
              'iam:AttachRolePolicy',
              'iam:UpdateAssumeRolePolicy',
              'iam:DeleteRolePermissionsBoundary',
            ],
            resource: role.arn,
          },
          ...attachedPolicies(role.policies.keys()).map((arn) => ({
            actions: ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion'],
            resource: arn,
          })),
        ],
        'change its own permissions',
        fail,
      ),
    ),
};

/** The ARNs of customer managed policies; nobody can change those that AWS manages. */
function attachedPolicies(names: Iterable<string>): string[] {
  return [...names].filter((name) => /^arn:[a-z-]+:iam::\d{12}:/.test(name));
}

export const roleSecretsWriting: Check = {
  id: 'role-secrets-writing',
  area: 'execution role',
  title: 'The execution role may not change the secrets that it reads',
  meaning:
    'Secrets Manager protects secrets from being changed by DAGs only if DAGs cannot write to it.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed, environment = {} } = facts;
      const prefixes = readSecretsBackend(environment)?.prefixes ?? ['airflow'];
      return judgeForbidden(
        facts,
        role,
        prefixes.map((prefix) => ({
          actions: [
            'secretsmanager:PutSecretValue',
            'secretsmanager:UpdateSecret',
            'secretsmanager:DeleteSecret',
          ],
          resource: `arn:${partition}:secretsmanager:${observed.region}:${account}:secret:${prefix}/any-AbCdEf`,
        })),
        'change secrets',
        warn,
      );
    }),
};

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
