import { readRegexp } from '../regexp/regexp.ts';
import type {
  BinaryExpression,
  CallExpression,
  Expression,
  MatchExpression,
} from '../syntax/ast.ts';
import { type Casing, choose, folded, requiredStrings, unite } from './required-strings.ts';

/** Large, because the text of a pack combines the literals of all its detections. */
const maxLiterals = 256;

/**
 * Strings of which every `@message` that satisfies the condition contains at least one, for a cheap
 * substring search before the condition itself; undefined if none can be derived.
 *
 * Derived from `like` and `strcontains` on `@message`, through and, or, not. If there is a choice,
 * the longest string wins; its frequency in the logs is unknown.
 *
 * @param text the query that the condition was read from
 * @param casing see {@link requiredStrings}
 */
export function requiredLiterals(
  condition: Expression,
  text: string,
  casing: Casing = 'as-written',
): readonly string[] | undefined {
  return required(condition, false, { text, casing });
}

type Literals = readonly string[] | undefined;

interface Search {
  readonly text: string;
  readonly casing: Casing;
}

/** @param negated whether the condition must be false */
function required(condition: Expression, negated: boolean, search: Search): Literals {
  switch (condition.kind) {
    case 'unary':
      return condition.operator === 'not'
        ? required(condition.operand, !negated, search)
        : undefined;
    case 'binary':
      return requiredByBoth(condition, negated, search);
    case 'match':
      return condition.negated === negated ? requiredByMatch(condition, search) : undefined;
    case 'call':
      return negated ? undefined : requiredByCall(condition, search);
    default:
      return undefined;
  }
}

function requiredByBoth(
  { operator, left, right }: BinaryExpression,
  negated: boolean,
  search: Search,
): Literals {
  if (operator !== 'and' && operator !== 'or') return undefined;
  const sides = [required(left, negated, search), required(right, negated, search)];
  const needsBoth = (operator === 'and') !== negated;
  if (!needsBoth) return unite(sides, maxLiterals);
  return choose(
    sides.filter((side) => side !== undefined),
    maxLiterals,
  );
}

function requiredByMatch({ subject, pattern }: MatchExpression, search: Search): Literals {
  if (!isMessage(subject)) return undefined;
  if (pattern.kind === 'string') return oneString(pattern.value, search);
  return requiredStrings(readRegexp(pattern, search.text).root, search.casing);
}

function requiredByCall(call: CallExpression, search: Search): Literals {
  const [subject, part] = call.arguments;
  if (call.name !== 'strcontains' || !isMessage(subject)) return undefined;
  return part?.kind === 'string' ? oneString(part.value, search) : undefined;
}

function oneString(text: string, { casing }: Search): Literals {
  if (text === '') return undefined;
  return [casing === 'folded' ? folded(text) : text];
}

function isMessage(expression: Expression | undefined): boolean {
  return expression?.kind === 'field' && expression.name === '@message';
}
