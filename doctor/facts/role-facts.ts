import { type Decision, evaluate } from '../policy/evaluate.ts';
import { contextOf, judgePolicy, type PolicyDocument } from '../policy/policy-document.ts';
import {
  awsCommand,
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  shellJson,
  toDo,
  unanswered,
  undecided,
  unknown,
} from '../shapes/judgement.ts';
import type { ObservedRole } from '../shapes/observation.ts';
import type { Role } from '../shapes/service-shapes.ts';
import type { Facts } from './facts.ts';

/** A role of the environment or of the monitor, with its parsed policies and permissions boundary. */
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
  return judgePolicies(executionRole, { arn, title: 'the execution role' }, whenKnown);
}

/** Judges a role whose policies and boundary AWS answered. */
export function judgePolicies(
  observed: ObservedRole,
  { arn, title }: { readonly arn: string; readonly title: string },
  whenKnown: (role: ExecutionRole) => readonly Judgement[],
): readonly Judgement[] {
  return judge(observed.policies, (policies) =>
    judge(observed.boundary, (boundary) => {
      const read = new Map<string, PolicyDocument>();
      const unreadable = policies.flatMap(({ name, document }) =>
        judgePolicy(document, `policy ${name} of ${title}`, (policy) => {
          read.set(name, policy);
          return [];
        }),
      );
      if (unreadable.length > 0) return unreadable;
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
type RoleDecision = Decision & { readonly by: 'policies' | 'boundary' };

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
export function takeFromRole(
  { observed }: Pick<Facts, 'observed'>,
  role: ExecutionRole,
  decision: Decision,
): Fix {
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

interface Forbidden {
  readonly actions: readonly string[];
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | undefined>>;
}

/**
 * Judges requests that the execution role should not be allowed to make.
 *
 * @param sentence what the requests amount to, as the end of "the execution role may …"
 * @param bad the judgement of an allowed request: `fail` or `warn`
 */
export function judgeForbidden(
  facts: Facts,
  role: ExecutionRole,
  forbidden: readonly Forbidden[],
  sentence: string,
  bad: (evidence: string, fix: Fix) => Judgement,
): Judgement[] {
  const decided = forbidden.flatMap(({ actions, resource, context }) =>
    actions.map((action) => ({ action, resource, ...roleMay(role, action, resource, context) })),
  );
  const allowed = decided.filter(({ outcome }) => outcome === 'allowed');
  if (allowed.length > 0) {
    const decision: Decision = {
      outcome: 'allowed',
      statements: allowed.flatMap(({ statements }) => statements),
    };
    return [
      bad(
        `the execution role may ${sentence}: ${actionsOf(allowed)} by ${policiesWith(role, decision).join(', ')}`,
        takeFromRole(facts, role, decision),
      ),
    ];
  }
  const doubtful = decided.filter(({ outcome }) => outcome === 'unknown');
  if (doubtful.length > 0) {
    const decision: Decision = {
      outcome: 'unknown',
      statements: doubtful.flatMap(({ statements }) => statements),
    };
    return [
      undecided(
        `whether the execution role may ${sentence} depends on conditions that the doctor cannot judge: ${actionsOf(doubtful)} by ${policiesWith(role, decision).join(', ')}`,
        takeFromRole(facts, role, decision),
      ),
    ];
  }
  return [pass(`the execution role may not ${sentence}`)];
}

function actionsOf(decided: readonly { readonly action: string }[]): string {
  return [...new Set(decided.map(({ action }) => action))].join(', ');
}
