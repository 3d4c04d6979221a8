import type { PolicyDocument, PolicyStatement, PrincipalElement } from './policy-document.ts';
import type { Principal } from './request.ts';
import { any, type Truth } from './truth.ts';

/**
 * Whether a `Principal` element includes a principal. An account, given as its ID or its root's
 * ARN, includes all of its principals; `*` includes everyone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function namesPrincipal(element: PrincipalElement, principal: Principal): Truth {
  if (element === '*') return true;
  return any(
    Object.entries(element).flatMap(([type, names]) =>
      names.map((name) => namesIt(type, name, principal)),
    ),
  );
}

function namesIt(type: string, name: string, principal: Principal): Truth {
  if (type === 'AWS') {
    if (name === '*') return true;
    if (principal.kind === 'service') return false;
    return accountOf(name) === principal.account || name === arnOf(principal);
  }
  if (type !== 'Service' || principal.kind !== 'service') return false;
  if (name === principal.name) return true;
  return principal.doubtfulNames?.includes(name) ? 'unknown' : false;
}

function arnOf(principal: Principal): string | undefined {
  return principal.kind === 'role' ? principal.arn : undefined;
}

/** The account's ID, if the name refers to a whole account. */
function accountOf(name: string): string | undefined {
  return /^(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];
}

/**
 * The statements of a resource policy that decide for a role without an IAM policy: every Deny, and
 * those that name the role. One for the role's account only enables its IAM policies.
 */
export function forRoleItself({ statements }: PolicyDocument, roleArn: string): PolicyDocument {
  const namesRole = ({ Principal = {} }: PolicyStatement) =>
    Principal === '*' || (Principal.AWS ?? []).some((name) => name === roleArn || name === '*');
  return { statements: statements.filter((one) => one.Effect === 'Deny' || namesRole(one)) };
}
