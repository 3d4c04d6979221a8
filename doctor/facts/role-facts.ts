import { type Decision, evaluate } from '../policy/evaluate.ts';
import { type PolicyDocument, parsePolicy } from '../policy/policy-document.ts';
import { judgePolicy } from '../policy/read-policy.ts';
import { contextOf } from '../policy/request.ts';
import { awsCommand } from '../shapes/commands.ts';
import type { Role } from '../shapes/iam.ts';
import { fail, type Judgement, judge, toDo, unanswered, unknown } from '../shapes/judgement.ts';
import type { ObservedRole } from '../shapes/observation.ts';
import type { Facts } from './facts.ts';

/** The execution role, with its parsed policies and permissions boundary. */
export interface ExecutionRole {
  readonly name: string;
  readonly arn: string;
  /** By name of an inline policy, or by ARN of an attached one. */
  readonly policies: ReadonlyMap<string, PolicyDocument>;
  readonly boundary: PolicyDocument | undefined;
}

/**
 * Judges the execution role by its policies. Service control policies of the organization are not
 * read; they can only remove permissions.
 */
export function judgeRole(
  facts: Facts,
  whenKnown: (role: ExecutionRole) => readonly Judgement[],
): readonly Judgement[] {
  const { environment, executionRole } = facts.observed;
  if (environment.kind !== 'known') return [unknown(environment)];
  if (facts.account === '') return [unanswered('airflow:GetEnvironment', 'Arn')];
  const arn = environment.value.ExecutionRoleArn;
  if (arn === undefined) return [unanswered('airflow:GetEnvironment', 'ExecutionRoleArn')];
  if (executionRole === undefined) return [unanswered('iam:GetRole', 'answer')];
  if (isGone(executionRole)) return [roleGone(facts, arn)];
  return judge(executionRole.policies, (policies) =>
    judge(executionRole.boundary, (boundary) => {
      const unreadable = policies.flatMap(({ name, document }) =>
        judgePolicy(document, `policy ${name} of the execution role`, () => []),
      );
      if (unreadable.length > 0) return unreadable;
      const read = new Map(policies.map(({ name, document }) => [name, parsePolicy(document)]));
      const role = { name: roleNameOf(arn), arn, policies: read };
      if (boundary === null) return whenKnown({ ...role, boundary: undefined });
      return judgePolicy(boundary, 'the permissions boundary', (document) =>
        whenKnown({ ...role, boundary: document }),
      );
    }),
  );
}

export function judgeTrust(
  facts: Facts,
  whenKnown: (trust: PolicyDocument, role: Role) => readonly Judgement[],
): readonly Judgement[] {
  const { environment, executionRole } = facts.observed;
  if (environment.kind !== 'known') return [unknown(environment)];
  if (facts.account === '') return [unanswered('airflow:GetEnvironment', 'Arn')];
  if (executionRole === undefined) return [unanswered('iam:GetRole', 'answer')];
  if (isGone(executionRole)) return [roleGone(facts, environment.value.ExecutionRoleArn ?? '')];
  return judge(executionRole.role, (role) => {
    const { AssumeRolePolicyDocument: text } = role;
    if (text === undefined) return [unanswered('iam:GetRole', 'AssumeRolePolicyDocument')];
    return judgePolicy(text, 'the trust policy', (trust) => whenKnown(trust, role));
  });
}

function isGone({ role }: ObservedRole): boolean {
  return role.kind === 'failed' && /^NoSuchEntity(Exception)?:/.test(role.error);
}

function roleGone({ observed }: Facts, arn: string): Judgement {
  return fail(
    `there is no role ${arn}: nothing in the environment can run`,
    toDo(
      'Create the role that MWAA’s guide describes, and configure the environment to use it.',
      awsCommand(
        observed,
        'mwaa update-environment',
        `--name ${observed.mwaaEnvironment}`,
        '--execution-role-arn ROLE_ARN',
      ),
    ),
  );
}

/** A decision, and whether the role's policies or its boundary made it. */
export type RoleDecision = Decision & { readonly by: 'policies' | 'boundary' };

/** The decision of a role's policies on a request, or of its boundary if that allows less. */
export function roleMay(
  role: ExecutionRole,
  action: string,
  resource: string,
  context: Readonly<Record<string, string | undefined>> = {},
): RoleDecision {
  const request = {
    action,
    resource,
    context: contextOf({
      'aws:PrincipalArn': role.arn,
      'aws:PrincipalAccount': accountOf(role.arn),
      'aws:ResourceAccount': accountOf(resource) || accountOf(role.arn),
      'aws:SecureTransport': 'true',
      ...regionOf(resource),
      ...context,
    }),
  };
  const own = { ...evaluate([...role.policies.values()], request), by: 'policies' } as const;
  if (role.boundary === undefined) return own;
  const within = { ...evaluate([role.boundary], request), by: 'boundary' } as const;
  const order = ['denied', 'not-allowed', 'unknown', 'allowed'] as const;
  return order.indexOf(within.outcome) < order.indexOf(own.outcome) ? within : own;
}

/** The last part of a role's ARN: the path is not part of the name. */
export function roleNameOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** A regional service is called in the Region of the requested resource. */
function regionOf(resource: string): Record<string, string> {
  const region = resource.split(':')[3];
  return region ? { 'aws:RequestedRegion': region } : {};
}

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}
