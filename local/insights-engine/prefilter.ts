import type { Expression } from '../../query-language/ast.ts';
import { requiredLiterals } from '../../query-language/required-literals.ts';

/**
 * Finds strings that a message must contain to pass a filter, also through names: with
 * `fields @message like /x/ as d1 | filter d1 = 1` it is the definition of d1 that counts.
 */
export class Prefilter {
  readonly #text: string;
  readonly #definitions = new Map<string, Definition>();

  constructor(text: string) {
    this.#text = text;
  }

  /** An alias of `fields`, written out in terms of fields that are no aliases. */
  define(name: string, expression: Expression): void {
    const expanded = this.#expand(expression);
    if (expanded.size <= maxSize) this.#definitions.set(name, expanded);
  }

  /** Strings of which every message that satisfies the condition contains at least one. */
  requiredBy(condition: Expression): readonly string[] | undefined {
    const { expression, size } = this.#expand(condition);
    return size > maxSize ? undefined : requiredLiterals(expression, this.#text);
  }

  #expand(expression: Expression): Definition {
    switch (expression.kind) {
      case 'field':
        return this.#definitions.get(expression.name) ?? { expression, size: 1 };
      case 'unary': {
        if (expression.operator !== 'not') return { expression, size: 1 };
        const operand = this.#expand(expression.operand);
        return {
          expression: { ...expression, operand: operand.expression },
          size: operand.size + 1,
        };
      }
      case 'binary': {
        const flag = this.#flag(expression.left, expression.right, expression.operator);
        if (flag !== undefined) return flag;
        if (expression.operator !== 'and' && expression.operator !== 'or')
          return { expression, size: 1 };
        const [left, right] = [this.#expand(expression.left), this.#expand(expression.right)];
        return {
          expression: { ...expression, left: left.expression, right: right.expression },
          size: left.size + right.size + 1,
        };
      }
      default:
        return { expression, size: 1 };
    }
  }

  /** `d1 = 1`, where d1 is a condition. */
  #flag(left: Expression, right: Expression, operator: string): Definition | undefined {
    if (operator !== '=' || left.kind !== 'field') return undefined;
    if (right.kind !== 'number' || right.value !== 1) return undefined;
    return this.#definitions.get(left.name);
  }
}

interface Definition {
  readonly expression: Expression;
  readonly size: number;
}

/** Names defined by names can double at each step. */
const maxSize = 2000;
