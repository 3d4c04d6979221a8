import type { Facts } from './facts.ts';
import { type Judgement, judge, unanswered, unknown } from './judgement.ts';
import { type Decision, evaluate } from './policy/evaluate.ts';
import { type PolicyDocument, parsePolicy } from './policy/policy-document.ts';
import { judgePolicy } from './policy/read-policy.ts';
import { contextOf } from './policy/request.ts';
import type { Role } from './shapes/iam.ts';

/** What the execution role may do, by its own policies and within its boundary. */
export interface ExecutionRole {
  readonly name: string;
  readonly arn: string;
  /** By name: in-line ones, and the ARNs of attached ones. */
  readonly policies: ReadonlyMap<string, PolicyDocument>;
  readonly boundary: PolicyDocument | undefined;
}

/**
 * Judges the execution role by its policies. Policies of the organization (SCPs) are not seen: they
 * can only take away.
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
  return judge(executionRole.role, (role) => {
    const { AssumeRolePolicyDocument: text } = role;
    if (text === undefined) return [unanswered('iam:GetRole', 'AssumeRolePolicyDocument')];
    return judgePolicy(text, 'the trust policy', (trust) => whenKnown(trust, role));
  });
}

/** A decision, and whether the role's own policies or its boundary made it. */
export type RoleDecision = Decision & { readonly by: 'policies' | 'boundary' };

/** What a role's own policies say to a request, unless its boundary allows less. */
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
      'aws:SecureTransport': 'true',
      ...context,
    }),
  };
  const own = { ...evaluate([...role.policies.values()], request), by: 'policies' } as const;
  if (role.boundary === undefined) return own;
  const within = { ...evaluate([role.boundary], request), by: 'boundary' } as const;
  const order = ['denied', 'not-allowed', 'unknown', 'allowed'] as const;
  return order.indexOf(within.outcome) < order.indexOf(own.outcome) ? within : own;
}

/** The last part of a role's ARN: its path is no part of its name. */
export function roleNameOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}
