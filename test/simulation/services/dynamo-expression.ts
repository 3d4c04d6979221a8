import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

/** What an expression's placeholders stand for. */
export interface Placeholders {
  readonly values: Item;
  readonly names: Readonly<Record<string, string>>;
}

type Condition = (item: Item, placeholders: Placeholders) => boolean;
type Operand = (item: Item, placeholders: Placeholders) => AttributeValue | undefined;

const compiled = new Map<string, Condition>();

/** Whether a condition expression holds for an item; pass `{}` for a missing item. */
export function holds(expression: string, item: Item, placeholders: Placeholders): boolean {
  let condition = compiled.get(expression);
  if (condition === undefined) {
    condition = new ConditionReader(expression).read();
    compiled.set(expression, condition);
  }
  return condition(item, placeholders);
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * Reads the part of DynamoDB's grammar for conditions that the ledger uses: comparisons, BETWEEN, the
 * functions on an attribute's being there and on its beginning, NOT over AND over OR, parentheses.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
class ConditionReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(/[:#]?\w+|<>|<=|>=|[=<>(),]/g) ?? [];
  }

  read(): Condition {
    const condition = this.#either();
    if (this.#at < this.#tokens.length) throw this.#unknown();
    return condition;
  }

  #either(): Condition {
    let left = this.#both();
    while (this.#takes('OR')) {
      const [first, second] = [left, this.#both()];
      left = (item, given) => first(item, given) || second(item, given);
    }
    return left;
  }

  #both(): Condition {
    let left = this.#one();
    while (this.#takes('AND')) {
      const [first, second] = [left, this.#one()];
      left = (item, given) => first(item, given) && second(item, given);
    }
    return left;
  }

  #one(): Condition {
    if (this.#takes('NOT')) {
      const condition = this.#one();
      return (item, given) => !condition(item, given);
    }
    if (this.#takes('(')) {
      const condition = this.#either();
      this.#expect(')');
      return condition;
    }
    const isCall = this.#tokens[this.#at + 1] === '(';
    return isCall ? this.#call(this.#take()) : this.#comparison(this.#operand());
  }

  #call(name: string): Condition {
    this.#expect('(');
    const operand = this.#operand();
    if (name === 'begins_with') {
      this.#expect(',');
      const beginning = this.#operand();
      this.#expect(')');
      return (item, given) => {
        const [text, start] = [operand(item, given)?.S, beginning(item, given)?.S];
        return text !== undefined && start !== undefined && text.startsWith(start);
      };
    }
    this.#expect(')');
    if (name === 'attribute_exists') return (item, given) => operand(item, given) !== undefined;
    if (name === 'attribute_not_exists') return (item, given) => operand(item, given) === undefined;
    throw this.#unknown();
  }

  #comparison(left: Operand): Condition {
    if (this.#takes('BETWEEN')) {
      const from = this.#operand();
      this.#expect('AND');
      const to = this.#operand();
      return (item, given) =>
        compare(left(item, given), from(item, given), comparisons['>=']) &&
        compare(left(item, given), to(item, given), comparisons['<=']);
    }
    const comparison = comparisons[this.#take()];
    if (comparison === undefined) throw this.#unknown();
    const right = this.#operand();
    return (item, given) => compare(left(item, given), right(item, given), comparison);
  }

  #operand(): Operand {
    const token = this.#take();
    if (token.startsWith(':')) return (_, { values }) => values[token];
    if (!/^#?\w+$/.test(token)) throw this.#unknown();
    return (item, { names }) => item[token.startsWith('#') ? (names[token] ?? '') : token];
  }

  #take(): string {
    this.#at += 1;
    return this.#tokens[this.#at - 1] ?? '';
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw this.#unknown();
  }

  #unknown(): Error {
    const place = this.#tokens.slice(Math.max(0, this.#at - 1), this.#at + 1).join(' ');
    return new Error(`the simulated DynamoDB cannot read "${this.#text}" near "${place}"`);
  }
}

/** A missing value, or one of another type, compares with nothing and is unequal. */
function compare(
  a: AttributeValue | undefined,
  b: AttributeValue | undefined,
  comparison: ((order: number) => boolean) | undefined,
): boolean {
  const isUnequal = comparison === comparisons['<>'];
  if (a === undefined || b === undefined || comparison === undefined) return isUnequal;
  if (a.N !== undefined && b.N !== undefined) return comparison(Number(a.N) - Number(b.N));
  if (a.S !== undefined && b.S !== undefined) {
    return comparison(a.S === b.S ? 0 : a.S < b.S ? -1 : 1);
  }
  const isSame = a.BOOL !== undefined && a.BOOL === b.BOOL;
  return isSame ? comparison === comparisons['='] : isUnequal;
}
