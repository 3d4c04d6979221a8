import {
  all,
  any,
  not,
  type PolicyDocument,
  type PolicyRequest,
  type PolicyStatement,
  type Principal,
  type PrincipalElement,
  type RequestContext,
  type Truth,
} from './policy-document.ts';
import { matchesArn, matchesResource, matchesWildcard } from './wildcard.ts';

/** `${aws:username}`, or with a default: `${aws:username, 'nobody'}`. */
const variable = /\$\{([^}]*)\}/g;

/**
 * Compares a value with a policy text that may contain variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 *
 * @param given the value to compare
 * @param matches compares the value with the text after its variables are replaced
 * @returns `unknown` when the result depends on the value of an unknown variable
 */
function matchesWithVariables(
  text: string,
  given: string,
  context: RequestContext,
  matches: (text: string) => Truth,
): Truth {
  let isKnown = true;
  const replaced = text.replace(variable, (_match, name: string) => {
    // `${*}`, `${?}` and `${$}` are literal characters; `?`, any one character, is close enough.
    if (/^[*?$]$/.test(name)) return name === '$' ? '$' : '?';
    const [value, ...more] = context.values[name.toLowerCase()] ?? [];
    if (value !== undefined && more.length === 0) return value;
    isKnown = false;
    return '*';
  });
  if (isKnown) return matches(replaced);
  return matchesWildcard(replaced.toLowerCase(), given.toLowerCase()) ? 'unknown' : false;
}

type Compare = (wanted: string, given: string) => Truth;

const arn: Compare = (wanted, given) => matchesArn(wanted, given);
const sameCase: Compare = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();

/** Undecided for a text that is no number, which IAM does not document. */
const numeric =
  (holds: (given: number, wanted: number) => boolean): Compare =>
  (wanted, given) => {
    const numbers = [given, wanted].map((text) =>
      /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN,
    );
    const [left = NaN, right = NaN] = numbers;
    return Number.isNaN(left + right) ? 'unknown' : holds(left, right);
  };

/** By lower-case name. */
const operators: Readonly<Record<string, { compare: Compare; negated: boolean }>> = {
  stringequals: { compare: (wanted, given) => wanted === given, negated: false },
  stringnotequals: { compare: (wanted, given) => wanted === given, negated: true },
  stringequalsignorecase: { compare: sameCase, negated: false },
  stringnotequalsignorecase: { compare: sameCase, negated: true },
  stringlike: { compare: matchesWildcard, negated: false },
  stringnotlike: { compare: matchesWildcard, negated: true },
  arnequals: { compare: arn, negated: false },
  arnlike: { compare: arn, negated: false },
  arnnotequals: { compare: arn, negated: true },
  arnnotlike: { compare: arn, negated: true },
  bool: { compare: sameCase, negated: false },
  numericequals: { compare: numeric((given, wanted) => given === wanted), negated: false },
  numericnotequals: { compare: numeric((given, wanted) => given === wanted), negated: true },
  numericlessthan: { compare: numeric((given, wanted) => given < wanted), negated: false },
  numericlessthanequals: { compare: numeric((given, wanted) => given <= wanted), negated: false },
  numericgreaterthan: { compare: numeric((given, wanted) => given > wanted), negated: false },
  numericgreaterthanequals: {
    compare: numeric((given, wanted) => given >= wanted),
    negated: false,
  },
};

/**
 * Whether a statement's conditions hold, that is, all keys of all operators.
 *
 * Supports the string, ARN, numeric, Bool and Null operators, `…IfExists`, `ForAllValues:` and
 * `ForAnyValue:`. Any other operator (dates, addresses, binary) makes the answer unknown, unless
 * another condition is false.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function conditionsHold(
  condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined,
  context: RequestContext,
): Truth {
  return all(
    Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => conditionHolds(operator, key, wanted, context)),
    ),
  );
}

function conditionHolds(
  operator: string,
  key: string,
  wanted: readonly string[],
  context: RequestContext,
): Truth {
  const given = context.values[key.toLowerCase()];
  const isAbsent = context.absent.has(key.toLowerCase());
  const [, quantifier = '', name = '', ifExists = ''] =
    /^(forallvalues:|foranyvalue:)?(.*?)(ifexists)?$/.exec(operator.toLowerCase()) ?? [];

  if (name === 'null' && ifExists === '') {
    if (given === undefined && !isAbsent) return 'unknown';
    return any(wanted.map((value) => sameCase(value, String(isAbsent))));
  }
  const known = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (known === undefined) return 'unknown';
  if (given === undefined) {
    if (!isAbsent) return 'unknown';
    if (quantifier !== '') return quantifier === 'forallvalues:';
    return ifExists !== '' || known.negated;
  }
  const holdsFor = (value: string) => {
    const matched = any(
      wanted.map((text) =>
        matchesWithVariables(text, value, context, (replaced) => known.compare(replaced, value)),
      ),
    );
    return known.negated ? not(matched) : matched;
  };
  // Without a quantifier, a negated operator must hold for each of several values.
  const mustAll = quantifier === 'forallvalues:' || (quantifier === '' && known.negated);
  return mustAll ? all(given.map(holdsFor)) : any(given.map(holdsFor));
}

/**
 * Whether a `Principal` element includes a principal. An account, given as its ID or its root's
 * ARN, includes all of its principals; `*` includes everyone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
function namesPrincipal(element: PrincipalElement, principal: Principal): Truth {
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
  return all(truthsOf(statement, request));
}

/** One by one, for most statements are about other actions, and the first false one decides. */
function* truthsOf(statement: PolicyStatement, request: PolicyRequest): Generator<Truth> {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource } = statement;
  const { principal, action, resource, context } = request;
  if (Action !== undefined) yield namesAction(Action, action);
  else if (NotAction !== undefined) yield not(namesAction(NotAction, action));
  else yield false;
  if (principal !== undefined) {
    if (Principal !== undefined) yield namesPrincipal(Principal, principal);
    else if (NotPrincipal !== undefined) yield isLeftOut(NotPrincipal, principal);
    else yield false;
  }
  // A trust policy has no Resource element: the resource is the role itself.
  if (Resource !== undefined) yield namesResource(Resource, resource, context);
  if (NotResource !== undefined) yield not(namesResource(NotResource, resource, context));
  yield conditionsHold(statement.Condition, context);
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
