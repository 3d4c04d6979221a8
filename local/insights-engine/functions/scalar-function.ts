import type {
  CallExpression,
  DurationLiteral,
  Expression,
} from '../../../query-language/syntax/ast.ts';
import { errorAt } from '../../../query-language/syntax/query-error.ts';
import type { QueryContext } from '../sql/pipeline.ts';
import { asBoolean, asNumber, asStructure, asText, asTime, type Value } from '../sql/values.ts';

/** The arguments of one call, numbered from 0, coerced to the types that the function needs. */
export class CallArguments {
  readonly call: CallExpression;
  readonly context: QueryContext;
  readonly #compile: (expression: Expression) => Value;
  /** Compiled once: using an argument twice must not double the work at each level. */
  readonly #compiled = new Map<number, Value>();

  constructor(
    call: CallExpression,
    context: QueryContext,
    compile: (expression: Expression) => Value,
  ) {
    this.call = call;
    this.context = context;
    this.#compile = compile;
  }

  get count(): number {
    return this.call.arguments.length;
  }

  has(index: number): boolean {
    return index < this.count;
  }

  value(index: number): Value {
    const value = this.#compiled.get(index) ?? this.#compile(this.#expression(index));
    this.#compiled.set(index, value);
    return value;
  }

  values(from = 0): readonly Value[] {
    return this.call.arguments.slice(from).map((_, at) => this.value(from + at));
  }

  text(index: number): string {
    return asText(this.value(index), this.context.pipeline.name);
  }

  number(index: number): string {
    return asNumber(this.value(index), this.context.pipeline.name);
  }

  boolean(index: number): string {
    return asBoolean(this.value(index), this.context.pipeline.name);
  }

  time(index: number): string {
    return asTime(this.value(index), this.context.pipeline.name);
  }

  structure(index: number): string {
    return asStructure(this.value(index), this.context.pipeline.name);
  }

  /** SQL for an argument that the function's SQL uses several times. */
  readonly named = (sql: string): string => this.context.pipeline.name(sql);

  /** @throws QueryError unless the argument is a string in the query's text. */
  constantText(index: number): string {
    const expression = this.#expression(index);
    if (expression.kind === 'string') return expression.value;
    throw this.failure(index, 'must be a string');
  }

  /** @throws QueryError unless the argument is a number in the query's text. */
  constantNumber(index: number): number {
    const value = numberIn(this.#expression(index));
    if (value !== undefined) return value;
    throw this.failure(index, 'must be a number');
  }

  /** @throws QueryError unless the argument is a period such as 5m. */
  duration(index: number): DurationLiteral {
    const expression = this.#expression(index);
    if (expression.kind === 'duration') return expression;
    throw this.failure(index, 'must be a period such as 5m');
  }

  failure(index: number, rule: string) {
    const expression = this.#expression(index);
    const found = this.context.text.slice(expression.span.start, expression.span.end);
    const which = `argument ${index + 1} of ${this.call.name}() ${rule}, found ${found},`;
    return errorAt(this.context.text, expression.span, which);
  }

  #expression(index: number): Expression {
    const expression = this.call.arguments[index];
    if (expression === undefined) {
      throw new RangeError(`${this.call.name}() has no argument ${index + 1}`);
    }
    return expression;
  }
}

function numberIn(expression: Expression): number | undefined {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind !== 'unary' || expression.operator !== '-') return undefined;
  const inner = numberIn(expression.operand);
  return inner === undefined ? undefined : -inner;
}

/** A function of one event: its name, its number of arguments and its SQL. */
export interface ScalarFunction {
  /** As AWS documents it; case-insensitive in queries. */
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly build: (args: CallArguments) => Value;
}

export function scalar(
  name: string,
  [minArguments, maxArguments]: readonly [number, number],
  build: (args: CallArguments) => Value,
): ScalarFunction {
  return { name, minArguments, maxArguments, build };
}
