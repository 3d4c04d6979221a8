import type { BinaryExpression, CallExpression, Expression, MatchExpression } from './ast.ts';
import { readRegexp } from './regexp.ts';
import { choose, requiredStrings, unite } from './required-strings.ts';

/** A fused query unites what each of its detections requires. */
const maxLiterals = 256;

/**
 * Strings of which every `@message` that satisfies the condition contains at least one, so that a
 * cheap substring search can go before the condition itself; undefined where none can be derived.
 *
 * Derived from `like` and `strcontains` on `@message`, through and, or, not, `= 1` and `= 0`. Where
 * a choice is open the longest string wins: how rare it is in the logs, only the logs can tell.
 *
 * @param text the query that the condition was read from.
 * @param definitions what `fields … as name` defined before the condition, by name.
 */
export function requiredLiterals(
  condition: Expression,
  text: string,
  definitions: ReadonlyMap<string, Expression> = new Map(),
): readonly string[] | undefined {
  return new Derivation(text, definitions).required(condition, false);
}

type Literals = readonly string[] | undefined;

class Derivation {
  readonly #text: string;
  readonly #definitions: ReadonlyMap<string, Expression>;
  readonly #resolving = new Set<string>();

  constructor(text: string, definitions: ReadonlyMap<string, Expression>) {
    this.#text = text;
    this.#definitions = definitions;
  }

  /** @param negated whether what is asked for is that the condition be false. */
  required(condition: Expression, negated: boolean): Literals {
    switch (condition.kind) {
      case 'unary':
        return condition.operator === 'not'
          ? this.required(condition.operand, !negated)
          : undefined;
      case 'binary':
        return this.#byBinary(condition, negated);
      case 'match':
        return condition.negated === negated ? this.#byMatch(condition) : undefined;
      case 'call':
        return negated ? undefined : requiredByCall(condition);
      case 'field':
        return this.#byDefinition(condition.name, negated);
      default:
        return undefined;
    }
  }

  #byBinary({ operator, left, right }: BinaryExpression, negated: boolean): Literals {
    if (operator === '=') {
      // Truth values are 1 and 0; for `cond = 0` to be true, cond has to be false.
      if (right.kind !== 'number' || (right.value !== 1 && right.value !== 0)) return undefined;
      return this.required(left, negated !== (right.value === 0));
    }
    if (operator !== 'and' && operator !== 'or') return undefined;
    const sides = [this.required(left, negated), this.required(right, negated)];
    const needsBoth = (operator === 'and') !== negated;
    if (!needsBoth) return unite(sides, maxLiterals);
    return choose(
      sides.filter((side) => side !== undefined),
      maxLiterals,
    );
  }

  #byMatch({ subject, pattern }: MatchExpression): Literals {
    if (!isMessage(subject)) return undefined;
    if (pattern.kind === 'regex') return requiredStrings(readRegexp(pattern, this.#text).root);
    return pattern.value === '' ? undefined : [pattern.value];
  }

  #byDefinition(name: string, negated: boolean): Literals {
    const definition = this.#definitions.get(name);
    if (definition === undefined || this.#resolving.has(name)) return undefined;
    this.#resolving.add(name);
    const literals = this.required(definition, negated);
    this.#resolving.delete(name);
    return literals;
  }
}

function isMessage(expression: Expression | undefined): boolean {
  return expression?.kind === 'field' && expression.name === '@message';
}

function requiredByCall(call: CallExpression): Literals {
  const [subject, part] = call.arguments;
  if (call.name !== 'strcontains' || !isMessage(subject)) return undefined;
  return part?.kind === 'string' && part.value !== '' ? [part.value] : undefined;
}
