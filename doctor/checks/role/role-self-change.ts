import type { Check } from '../../facts/check.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { judgeRole } from '../../facts/role-facts.ts';
import { fail } from '../../shapes/judgement.ts';

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
