import { conditionsHold } from './conditions.ts';
import type { PolicyDocument, PolicyStatement, PrincipalElement } from './policy-document.ts';
import { namesPrincipal } from './principals.ts';
import type { PolicyRequest, Principal, RequestContext } from './request.ts';
import { all, any, not, type Truth } from './truth.ts';
import { matchesWithVariables } from './variables.ts';
import { matchesResource, matchesWildcard } from './wildcard.ts';

export interface Decision {
  readonly outcome: /** A statement allows the request, and none denies it. */
    | 'allowed'
    /** A Deny applies, which overrides every Allow. */
    | 'denied'
    /** No statement allows the request. */
    | 'not-allowed'
    /** The decision depends on statements that cannot be judged. */
    | 'unknown';
  /** The statements that make the decision. */
  readonly statements: readonly PolicyStatement[];
}

/**
 * The decision of a set of policies, taken together, on a request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(policies: readonly PolicyDocument[], request: PolicyRequest): Decision {
  const judged = policies
    .flatMap(({ statements }) => statements)
    .map((statement) => ({ statement, truth: applies(statement, request) }));
  const pick = (effect: 'Allow' | 'Deny', truth: Truth) =>
    judged
      .filter((one) => one.statement.Effect === effect && one.truth === truth)
      .map(({ statement }) => statement);

  const denying = pick('Deny', true);
  if (denying.length > 0) return { outcome: 'denied', statements: denying };
  const allowing = pick('Allow', true);
  const maybeAllowing = pick('Allow', 'unknown');
  if (allowing.length + maybeAllowing.length === 0)
    return { outcome: 'not-allowed', statements: [] };
  const maybeDenying = pick('Deny', 'unknown');
  if (maybeDenying.length > 0) return { outcome: 'unknown', statements: maybeDenying };
  return allowing.length > 0
    ? { outcome: 'allowed', statements: allowing }
    : { outcome: 'unknown', statements: maybeAllowing };
}

/** Whether a statement applies to a request. */
export function applies(statement: PolicyStatement, request: PolicyRequest): Truth {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource } = statement;
  const { principal, action, resource, context } = request;
  const truths: Truth[] = [];
  if (principal !== undefined) {
    if (Principal !== undefined) truths.push(namesPrincipal(Principal, principal));
    else if (NotPrincipal !== undefined) truths.push(isLeftOut(NotPrincipal, principal));
    else truths.push(false);
  }
  if (Action !== undefined) truths.push(namesAction(Action, action));
  else if (NotAction !== undefined) truths.push(not(namesAction(NotAction, action)));
  else truths.push(false);
  // A trust policy has no Resource element: the resource is the role itself.
  if (Resource !== undefined) truths.push(namesResource(Resource, resource, context));
  if (NotResource !== undefined) truths.push(not(namesResource(NotResource, resource, context)));
  truths.push(conditionsHold(statement.Condition, context));
  return all(truths);
}

/**
 * Whether `NotPrincipal` applies to a principal. Naming a role's account there does not name the
 * role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function isLeftOut(element: PrincipalElement, principal: Principal): Truth {
  const named = namesPrincipal(element, principal);
  if (named !== true || principal.kind !== 'role' || element === '*') return not(named);
  return (element.AWS ?? []).includes(principal.arn) ? false : 'unknown';
}

/** Action names are compared case-insensitively. */
function namesAction(names: readonly string[], action: string): boolean {
  return names.some((name) => matchesWildcard(name.toLowerCase(), action.toLowerCase()));
}

function namesResource(names: readonly string[], resource: string, context: RequestContext): Truth {
  return any(
    names.map((name) =>
      matchesWithVariables(name, resource, context, (replaced) =>
        matchesResource(replaced, resource),
      ),
    ),
  );
}

/** How evidence refers to a statement. */
export function statementName({ Sid }: PolicyStatement): string {
  return Sid ? `statement "${Sid}"` : 'a statement without Sid';
}
