import type {
  BinaryExpression,
  BinaryOperator,
  CallExpression,
  Expression,
  MemberExpression,
} from '../../../query-language/syntax/ast.ts';
import { errorAt } from '../../../query-language/syntax/query-error.ts';
import { aggregateFunctions } from '../functions/aggregate-functions.ts';
import { millisecondsOf } from '../functions/datetime-functions.ts';
import { scalarFunctions } from '../functions/functions-by-name.ts';
import { CallArguments, type ScalarFunction } from '../functions/scalar-function.ts';
import { compare, isComparison, isOneOf } from '../sql/comparisons.ts';
import { matchSql } from '../sql/patterns.ts';
import type { QueryContext } from '../sql/pipeline.ts';
import { jsonMember } from '../sql/scope.ts';
import {
  asBoolean,
  asNumber,
  asText,
  boolean,
  json,
  number,
  sqlNumber,
  sqlString,
  text,
  type Value,
} from '../sql/values.ts';

/**
 * An expression as SQL. Conditions have three values, as in SQL: a comparison with a missing value
 * is neither true nor false.
 *
 * @throws QueryError for unknown functions and invalid arguments.
 */
export function compileExpression(expression: Expression, context: QueryContext): Value {
  const value = compile(expression, context);
  return { ...value, sql: context.pipeline.short(value.sql) };
}

/** An expression as a condition. */
export function compileCondition(expression: Expression, context: QueryContext): string {
  return asBoolean(compileExpression(expression, context), context.pipeline.name);
}

function compile(expression: Expression, context: QueryContext): Value {
  const { name } = context.pipeline;
  switch (expression.kind) {
    case 'string':
      return text(sqlString(expression.value));
    case 'number':
      if (!Number.isFinite(expression.value)) {
        throw errorAt(context.text, expression.span, `the number ${expression.text} is too large`);
      }
      return number(sqlNumber(expression.value));
    case 'duration':
      throw errorAt(
        context.text,
        expression.span,
        'a period is only allowed in bin(), datefloor() and dateceil(), and after a time and + or -, found one',
      );
    case 'field':
      return context.scope.resolve(expression);
    case 'unary': {
      const operand = compileExpression(expression.operand, context);
      if (expression.operator === 'not') return boolean(`(NOT ${asBoolean(operand, name)})`);
      return number(`(-${asNumber(operand, name)})`);
    }
    case 'binary':
      return compileBinary(expression, context);
    case 'match': {
      const subject = compileExpression(expression.subject, context);
      const sql = matchSql(asText(subject, name), expression, context);
      return boolean(expression.negated ? `(NOT ${sql})` : sql);
    }
    case 'in': {
      const subject = compileExpression(expression.subject, context);
      const values = expression.values.map((value) => compileExpression(value, context));
      const sql = isOneOf(subject, expression.values, values, name);
      return boolean(expression.negated ? `(NOT ${sql})` : sql);
    }
    case 'call':
      return compileCall(expression, context);
    case 'member':
      return compileMember(expression, context);
  }
}

function compileBinary(expression: BinaryExpression, context: QueryContext): Value {
  const { name } = context.pipeline;
  const { operator } = expression;
  if (operator === 'and' || operator === 'or') {
    const conditions = operandsOf(expression, operator).map((one) =>
      compileCondition(one, context),
    );
    return boolean(`(${conditions.join(operator === 'and' ? ' AND ' : ' OR ')})`);
  }
  const shifted = compileShift(expression, context);
  if (shifted !== undefined) return shifted;
  const left = compileExpression(expression.left, context);
  const right = compileExpression(expression.right, context);
  if (isComparison(operator)) {
    const constants = { left: expression.left, right: expression.right };
    return boolean(compare(operator, left, right, name, constants));
  }
  return number(arithmetic(operator, asNumber(left, name), asNumber(right, name)));
}

/** `@timestamp + 9h`, as in `datefloor(@timestamp + 9h, 1d)` for the days of another time zone. */
function compileShift(
  { operator, left, right }: BinaryExpression,
  context: QueryContext,
): Value | undefined {
  if (right.kind !== 'duration' || (operator !== '+' && operator !== '-')) return undefined;
  const { text, pipeline } = context;
  const value = compileExpression(left, context);
  const milliseconds = millisecondsOf(right);
  if (value.type !== 'time' && !isShift(left)) {
    const rule =
      'a period can only be added to a time in milliseconds such as @timestamp, found one';
    throw errorAt(text, right.span, rule);
  }
  if (milliseconds === undefined) {
    throw errorAt(text, right.span, 'a month has no fixed length to add to a time, found a period');
  }
  return number(arithmetic(operator, asNumber(value, pipeline.name), sqlNumber(milliseconds)));
}

/** Whether an expression is a time and a period: another one can follow. */
function isShift(expression: Expression): boolean {
  return expression.kind === 'binary' && expression.right.kind === 'duration';
}

/** `a and b and c` as three operands: the tree is as deep as the chain is long. */
function operandsOf(expression: Expression, operator: BinaryOperator): readonly Expression[] {
  const operands: Expression[] = [];
  let rest = expression;
  while (rest.kind === 'binary' && rest.operator === operator) {
    operands.unshift(rest.right);
    rest = rest.left;
  }
  return [rest, ...operands];
}

/** Division by zero gives a missing value; AWS's result is not documented. */
function arithmetic(operator: BinaryOperator, left: string, right: string): string {
  switch (operator) {
    case '/':
    case '%':
      return `(${left} ${operator} nullif(${right}, 0))`;
    case '^':
      return `pow(${left}, ${right})`;
    default:
      return `(${left} ${operator} ${right})`;
  }
}

function compileMember({ object, path }: MemberExpression, context: QueryContext): Value {
  const value = compileCall(object, context);
  if (value.type !== 'json' && value.type !== 'list') {
    const problem = `${object.name}() does not return a map or list to take a part of,`;
    throw errorAt(context.text, object.span, problem);
  }
  return json(jsonMember(context.pipeline.name(value.sql), path));
}

function compileCall(call: CallExpression, context: QueryContext): Value {
  const aggregated = context.aggregates?.get(call);
  if (aggregated !== undefined) return aggregated;
  if (aggregateFunctions.has(call.name)) {
    const problem = `${call.name}() is only allowed in stats, and not inside another such function,`;
    throw errorAt(context.text, call.span, problem);
  }
  const found = scalarFunctions.get(call.name);
  if (found === undefined) throw unknownFunction(call, context);
  checkArguments(call, found, context);
  return found.build(
    new CallArguments(call, context, (argument) => compileExpression(argument, context)),
  );
}

/** @throws QueryError unless the function accepts this number of arguments; `*` counts as none. */
export function checkArguments(
  call: CallExpression,
  {
    name,
    minArguments,
    maxArguments,
  }: Pick<ScalarFunction, 'name' | 'minArguments' | 'maxArguments'>,
  { text }: QueryContext,
): void {
  const count = call.arguments.length;
  const takesStar = !call.star || /^count/.test(call.name);
  if (takesStar && count >= minArguments && count <= maxArguments) return;
  const expected = argumentCount(minArguments, maxArguments);
  throw errorAt(text, call.span, `${name}() takes ${expected}, found ${call.star ? '*' : count},`);
}

function argumentCount(min: number, max: number): string {
  const plural = (count: number) => (count === 1 ? 'argument' : 'arguments');
  if (min === max) return `${min === 0 ? 'no' : min} ${plural(min)}`;
  if (max === Number.POSITIVE_INFINITY) return `at least ${min} ${plural(min)}`;
  return `${min} to ${max} arguments`;
}

function unknownFunction(call: CallExpression, context: QueryContext) {
  const names = [...scalarFunctions.values(), ...aggregateFunctions.values()].map(
    (one) => one.name,
  );
  return errorAt(
    context.text,
    { start: call.span.start, end: call.span.start + call.name.length },
    `the function ${call.name}() is not supported`,
    `the supported functions are ${names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)).join(', ')}`,
  );
}
