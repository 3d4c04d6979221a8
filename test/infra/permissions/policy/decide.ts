import { type Decision, evaluate, forRoleItself } from '../../../../doctor/policy/evaluate.ts';
import type {
  PolicyDocument,
  Principal,
  RequestContext,
} from '../../../../doctor/policy/policy-document.ts';

/** Who makes a request: a role, or a service of AWS in its own name. */
export type Caller =
  | {
      readonly kind: 'role';
      readonly arn: string;
      /** Policies of a role that the templates do not have. */
      readonly own?: readonly PolicyDocument[];
    }
  | { readonly kind: 'service'; readonly name: string };

export interface AccessRequest {
  readonly caller: Caller;
  /** `logs:StartQuery` */
  readonly action: string;
  /** An ARN, or `*` for an action that knows no resource. */
  readonly resource: string;
  /** All that the request says: a key that is missing is absent. */
  readonly context: Readonly<Record<string, string>>;
}

/** The policies that decide a request. */
export interface PoliciesInForce {
  /** Of the calling role; none for a service. */
  readonly identity: readonly PolicyDocument[];
  /** The permissions boundary of the calling role. */
  readonly boundary?: PolicyDocument | undefined;
  /** Of the resource; for `sts:AssumeRole` the trust policy. */
  readonly resource?: PolicyDocument | undefined;
  /** The account that owns the resource. */
  readonly owner: string;
}

export type Outcome = 'allowed' | 'denied' | 'not-allowed';

/**
 * Decides a request as IAM does, of the policies that these stacks have: identity policies,
 * permissions boundary, resource policies. Those of an organization (SCP, RCP) and of a session are
 * taken to allow everything.
 *
 * - A Deny of any policy ends it.
 * - A service is allowed by the resource's policy alone.
 * - A role is allowed by its own policy or by a statement of the resource's policy that names it; in
 *   another account, by both. Its boundary limits either.
 * - A key's policy always decides: the role's own policy counts only where the key's policy lets its
 *   account in.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 *
 * @throws Error when the evaluator cannot decide
 */
export function decide(request: AccessRequest, policies: PoliciesInForce): Outcome {
  const { identity, boundary, resource } = policies;
  const all = [...identity, ...[boundary, resource].filter((policy) => policy !== undefined)];
  const { action, resource: arn, caller } = request;
  const context = contextOf(request, all);
  const ask = (documents: readonly PolicyDocument[], principal?: Principal) =>
    outcomeOf(
      evaluate(documents, { action, resource: arn, context, ...(principal && { principal }) }),
      request,
    );
  const principal = principalOf(caller);
  const onResource = resource === undefined ? 'not-allowed' : ask([resource], principal);

  if (caller.kind === 'service') return onResource;
  const byIdentity = ask(identity);
  const byBoundary = boundary === undefined ? 'allowed' : ask([boundary]);
  const asked = [onResource, byIdentity, byBoundary];
  if (asked.includes('denied')) return 'denied';
  if (byBoundary !== 'allowed') return 'not-allowed';
  const isForeign = accountOf(caller.arn) !== policies.owner;
  const isKey = action.startsWith('kms:') && arn !== '*';
  if (isForeign || isKey) {
    const letsRoleIn = !isForeign && isNamedItself();
    return onResource === 'allowed' && (letsRoleIn || byIdentity === 'allowed')
      ? 'allowed'
      : 'not-allowed';
  }
  return byIdentity === 'allowed' || isNamedItself() ? 'allowed' : 'not-allowed';

  function isNamedItself(): boolean {
    if (resource === undefined || caller.kind !== 'role') return false;
    return ask([forRoleItself(resource, caller.arn)], principal) === 'allowed';
  }
}

function outcomeOf(
  { outcome, statements }: Decision,
  { action, resource }: AccessRequest,
): Outcome {
  if (outcome !== 'unknown') return outcome;
  throw new Error(
    `${action} on ${resource} cannot be decided: ${JSON.stringify(statements)} depends on what is unknown`,
  );
}

function principalOf(caller: Caller): Principal {
  if (caller.kind === 'service') return caller;
  return { kind: 'role', arn: caller.arn, account: accountOf(caller.arn) };
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/**
 * What AWS adds to each request, and which of the policies' keys it lacks.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
function contextOf(
  { caller, context }: AccessRequest,
  policies: readonly PolicyDocument[],
): RequestContext {
  const given: Record<string, string> = {
    'aws:SecureTransport': 'true',
    ...(caller.kind === 'role'
      ? { 'aws:PrincipalArn': caller.arn, 'aws:PrincipalAccount': accountOf(caller.arn) }
      : { 'aws:PrincipalIsAWSService': 'true' }),
    ...context,
  };
  const values = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key.toLowerCase(), [value]]),
  );
  const asked = policies.flatMap(keysIn);
  return { values, absent: new Set(asked.filter((key) => values[key] === undefined)) };
}

const keysByPolicy = new WeakMap<PolicyDocument, readonly string[]>();

/** The keys of a policy's conditions, in lower case. */
function keysIn(policy: PolicyDocument): readonly string[] {
  const known = keysByPolicy.get(policy);
  if (known !== undefined) return known;
  const keys = policy.statements
    .flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys))
    .map((key) => key.toLowerCase());
  keysByPolicy.set(policy, keys);
  return keys;
}
