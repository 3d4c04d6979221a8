import { awsCommand, shellJson } from './commands.ts';
import type { Facts } from './facts.ts';
import { type Fix, fail, type Judgement, toDo } from './judgement.ts';
import type { Decision } from './policy/evaluate.ts';
import type { ExecutionRole, RoleDecision } from './role-facts.ts';

const theBoundary = 'the permissions boundary';

/** The names of the policies that decide. */
export function policiesWith(role: ExecutionRole, { statements }: Decision): string[] {
  const boundary = role.boundary ? [[theBoundary, role.boundary] as const] : [];
  return [...role.policies, ...boundary]
    .filter(([, policy]) => policy.statements.some((statement) => statements.includes(statement)))
    .map(([name]) => name);
}

/** Gives the role one more in-line policy. */
export function allowToRole(
  { observed }: Facts,
  role: Pick<ExecutionRole, 'name'>,
  policyName: string,
  statement: object,
): Fix {
  return toDo(
    'Give the execution role the statement that MWAA’s guide lists.',
    awsCommand(
      observed,
      'iam put-role-policy',
      `--role-name ${role.name}`,
      `--policy-name ${policyName}`,
      `--policy-document ${shellJson({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })}`,
    ),
  );
}

/** Shows where a permission comes from, so that it can be taken out there. */
export function takeFromRole({ observed }: Facts, role: ExecutionRole, decision: Decision): Fix {
  const names = policiesWith(role, decision);
  return toDo(
    `Take the actions out of ${names.join(', ')}; this shows what it holds.`,
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
 * What to say when the role is refused what it needs: a Deny, the boundary or nothing allowing it.
 *
 * @param on on what, as the end of the sentence
 * @param allow what to do when nothing allows it
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
      `a Deny in ${names} keeps the execution role from ${actions} ${on}`,
      takeFromRole(facts, role, denied),
    );
  }
  if (refused.some(({ by }) => by === 'boundary')) {
    return fail(
      `the permissions boundary of the execution role does not let it ${actions} ${on}`,
      toDo(
        'Allow it in the boundary too, as a new version of the policy that this names.',
        showBoundary(facts.observed, role.name),
      ),
    );
  }
  return fail(`no policy of the execution role allows ${actions} ${on}`, allow);
}
