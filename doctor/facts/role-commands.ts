import type { Decision } from '../policy/evaluate.ts';
import { awsCommand, shellJson } from '../shapes/commands.ts';
import { type Fix, fail, type Judgement, toDo } from '../shapes/judgement.ts';
import type { Facts } from './facts.ts';
import type { ExecutionRole, RoleDecision } from './role-facts.ts';

const theBoundary = 'the permissions boundary';

/** The names of the policies that contain a decision's statements. */
export function policiesWith(role: ExecutionRole, { statements }: Decision): string[] {
  const boundary = role.boundary ? [[theBoundary, role.boundary] as const] : [];
  return [...role.policies, ...boundary]
    .filter(([, policy]) => policy.statements.some((statement) => statements.includes(statement)))
    .map(([name]) => name);
}

/** A fix that adds an inline policy to the role. */
export function allowToRole(
  { observed }: Facts,
  role: Pick<ExecutionRole, 'name'>,
  policyName: string,
  statement: object,
): Fix {
  return toDo(
    'Give the execution role the statement from MWAA’s guide.',
    awsCommand(
      observed,
      'iam put-role-policy',
      `--role-name ${role.name}`,
      `--policy-name ${policyName}`,
      `--policy-document ${shellJson({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })}`,
    ),
  );
}

/** A fix that shows the policies a permission comes from, so that it can be removed there. */
export function takeFromRole({ observed }: Facts, role: ExecutionRole, decision: Decision): Fix {
  const names = policiesWith(role, decision);
  return toDo(
    `Remove the actions from ${names.join(', ')}; ${names.length === 1 ? 'this command shows its' : 'these commands show their'} content.`,
    ...names.map((name) => {
      if (name === theBoundary) return showBoundary(observed, role.name);
      return name.startsWith('arn:')
        ? awsCommand(
            observed,
            'iam get-policy-version',
            `--policy-arn ${name}`,
            `--version-id $(aws iam get-policy --policy-arn ${name} --query Policy.DefaultVersionId --output text)`,
          )
        : awsCommand(
            observed,
            'iam get-role-policy',
            `--role-name ${role.name}`,
            `--policy-name ${name}`,
          );
    }),
  );
}

function showBoundary(observed: Facts['observed'], roleName: string): string {
  return awsCommand(
    observed,
    'iam get-role',
    `--role-name ${roleName}`,
    '--query Role.PermissionsBoundary.PermissionsBoundaryArn',
  );
}

/**
 * The judgement when the role is refused what it needs: by a Deny, by the boundary, or because no
 * policy allows it.
 *
 * @param on the resource, as the end of the sentence
 * @param allow the fix when no policy allows it
 */
export function refusedToRole(
  facts: Facts,
  role: ExecutionRole,
  refused: readonly (RoleDecision & { readonly action: string })[],
  on: string,
  allow: Fix,
): Judgement {
  const actions = refused.map(({ action }) => action).join(', ');
  const denied = refused.find(({ outcome, by }) => outcome === 'denied' && by === 'policies');
  if (denied) {
    const names = policiesWith(role, denied).join(', ');
    return fail(
      `a Deny in ${names} prevents the execution role from using ${actions} ${on}`,
      takeFromRole(facts, role, denied),
    );
  }
  if (refused.some(({ by }) => by === 'boundary')) {
    return fail(
      `the permissions boundary of the execution role does not allow ${actions} ${on}`,
      toDo(
        'Allow it in the boundary too, in a new version of the policy whose ARN this command shows.',
        showBoundary(facts.observed, role.name),
      ),
    );
  }
  return fail(`no policy of the execution role allows ${actions} ${on}`, allow);
}
