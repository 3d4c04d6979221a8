import type { RequestContext } from './request.ts';
import { all, any, not, type Truth } from './truth.ts';
import { matchesWithVariables } from './variables.ts';
import { matchesArn, matchesWildcard } from './wildcard.ts';

type Compare = (wanted: string, given: string) => Truth;

const arn: Compare = (wanted, given) => matchesArn(wanted, given);
const sameCase: Compare = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();

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
};

/**
 * Whether a statement's conditions hold, that is, all keys of all operators.
 *
 * Supports the string, ARN, Bool and Null operators, `…IfExists`, `ForAllValues:` and
 * `ForAnyValue:`. Any other operator (numbers, dates, addresses) makes the answer unknown, unless
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
