import { conditionsHold } from '../../../../doctor/policy/evaluate.ts';
import {
  contextOf,
  type PolicyDocument,
  type PolicyStatement,
  parsePolicy,
} from '../../../../doctor/policy/policy-document.ts';
import { actionsNamed, hasKey } from './aws-reference.ts';

/** Where a policy is attached: to a role, to a resource, or as a role's trust policy. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

/** The elements of a policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
const documentElements = ['Version', 'Id', 'Statement'];
const statementElements = [
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction'],
  ...['Resource', 'NotResource', 'Condition'],
];

/** Before 2012-10-17, `${aws:…}` is no variable. */
const version = '2012-10-17';

/**
 * Reads a policy of a template, and refuses whatever the evaluator would pass over: an element, an
 * operator, a condition key, a kind of principal or an action that it does not know.
 *
 * @param where how an error names the policy
 * @throws Error naming the policy, the statement and what is unknown in it
 */
export function readStrictly(document: unknown, kind: PolicyKind, where: string): PolicyDocument {
  const given = document as { Version?: unknown; Statement?: unknown };
  refuseOthers(given, documentElements, where);
  if (given.Version !== version) {
    throw new Error(`${where}: Version must be ${version}, got ${JSON.stringify(given.Version)}`);
  }
  for (const [at, statement] of [given.Statement].flat().entries()) {
    refuseOthers(statement as object, statementElements, `${where}: statement ${at}`);
  }
  const policy = parsePolicy(JSON.stringify(document));
  for (const [at, statement] of policy.statements.entries()) {
    const place = `${where}: ${statement.Sid ?? `statement ${at}`}`;
    checkPrincipals(statement, kind, place);
    checkActions(statement, place);
    checkResources(statement, kind, place);
    checkConditions(statement, place);
  }
  return policy;
}

function refuseOthers(given: object, known: readonly string[], where: string): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined) throw new Error(`${where}: the element ${other} is unknown`);
}

const article = { identity: "a role's", resource: "a resource's", trust: 'a trust' } as const;
const accountRoot = /^arn:aws[a-z-]*:iam::\d{12}:root$/;
const entity = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;

function checkPrincipals(statement: PolicyStatement, kind: PolicyKind, where: string): void {
  const element = statement.Principal ?? statement.NotPrincipal;
  if ((element === undefined) !== (kind === 'identity')) {
    throw new Error(
      `${where}: ${article[kind]} policy ${element ? 'has no' : 'needs a'} Principal`,
    );
  }
  if (element === undefined || element === '*') return;
  for (const [type, names] of Object.entries(element)) {
    for (const name of names) {
      const isKnown =
        type === 'Service'
          ? /^[a-z0-9-]+(\.[a-z0-9-]+)?\.amazonaws\.com$/.test(name)
          : type === 'AWS' && (name === '*' || accountRoot.test(name) || entity.test(name));
      if (!isKnown) throw new Error(`${where}: the principal ${type} ${name} is unknown`);
    }
  }
}

function checkActions({ Action, NotAction }: PolicyStatement, where: string): void {
  const named = Action ?? NotAction ?? [];
  if (named.length === 0) throw new Error(`${where}: a statement needs an Action`);
  for (const action of named) {
    try {
      actionsNamed(action);
    } catch (cause) {
      throw new Error(`${where}: ${(cause as Error).message}`, { cause });
    }
  }
}

function checkResources(statement: PolicyStatement, kind: PolicyKind, where: string): void {
  const named = statement.Resource ?? statement.NotResource;
  if ((named === undefined) !== (kind === 'trust')) {
    throw new Error(`${where}: ${article[kind]} policy ${named ? 'has no' : 'needs a'} Resource`);
  }
  for (const resource of named ?? []) {
    if (resource !== '*' && !/^arn:aws[a-z-]*:[a-z0-9]+:[^:]*:[^:]*:.+$/.test(resource)) {
      throw new Error(`${where}: the resource ${JSON.stringify(resource)} is no ARN`);
    }
  }
}

/** An operator that the evaluator does not know, or a value of another form, makes it undecided. */
function checkConditions(
  { Action, NotAction, Condition = {} }: PolicyStatement,
  where: string,
): void {
  // Whatever `NotAction` leaves is not listed, so that only keys of all services can be judged.
  const actions = Action?.flatMap(actionsNamed) ?? NotAction ?? [];
  for (const [operator, keys] of Object.entries(Condition)) {
    for (const [key, values] of Object.entries(keys)) {
      if (!actions.some((action) => hasKey(action, key))) {
        throw new Error(`${where}: no request for ${actions.join(', ')} has the key ${key}`);
      }
      for (const value of values) {
        const asked = conditionsHold(
          { [operator]: { [key]: [value] } },
          contextOf({ [key]: value }),
        );
        if (asked === 'unknown') {
          throw new Error(`${where}: ${operator} ${key} ${JSON.stringify(value)} is unknown`);
        }
      }
    }
  }
}
