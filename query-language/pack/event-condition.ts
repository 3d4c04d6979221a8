import { readRegexp } from '../regexp/parse-regexp.ts';
import { toRe2 } from '../regexp/write-regexp.ts';
import type { BinaryExpression, Expression, Query, RegexLiteral } from '../syntax/ast.ts';
import { errorAt } from '../syntax/query-error.ts';
import { refuseOverlap } from './overlapping-alternatives.ts';
import { requiredStrings } from './required-strings.ts';

/**
 * A filter as plain data that can be decided without an engine and a parser: tests of the event's
 * texts, joined by and, or, not.
 */
export type EventCondition =
  | { readonly and: readonly EventCondition[] }
  | { readonly or: readonly EventCondition[] }
  | { readonly not: EventCondition }
  | ({ readonly field: EventField } & FieldTest);

type EventField = 'message' | 'log' | 'logStream';

type FieldTest =
  /** A regexp in RE2's syntax, and strings of which every match contains at least one. */
  | { readonly like: string; readonly anchors?: readonly string[] }
  | { readonly contains: string }
  | { readonly equals: string }
  /** In code point order. */
  | { readonly below: string }
  | { readonly above: string };

const fields: Readonly<Record<string, EventField>> = {
  '@message': 'message',
  '@log': 'log',
  '@logStream': 'logStream',
};

/**
 * Reads a condition of a query: `like`, `=`, `!=`, `<`, `<=`, `>`, `>=` and `in` of @message, @log and
 * @logStream with texts, joined by and, or, not.
 *
 * @throws QueryError with the position of anything else, which cannot be decided from a single
 *   event, and of overlapping alternatives under a repeat
 */
export function eventCondition(query: Query, expression: Expression): EventCondition {
  switch (expression.kind) {
    case 'binary':
      return isLogic(expression) ? joined(query, expression) : comparison(query, expression);
    case 'unary':
      if (expression.operator !== 'not') throw undecidable(query, expression, 'arithmetic');
      return { not: eventCondition(query, expression.operand) };
    case 'match': {
      const field = fieldOf(query, expression.subject);
      const { pattern, negated } = expression;
      const test: EventCondition =
        pattern.kind === 'string'
          ? { field, contains: pattern.value }
          : { field, ...regexpTest(query, pattern) };
      return negated ? { not: test } : test;
    }
    case 'in': {
      const field = fieldOf(query, expression.subject);
      const or = expression.values.map((value) => ({ field, equals: textOf(query, value) }));
      return expression.negated ? { not: { or } } : { or };
    }
    default:
      throw undecidable(query, expression, nameOf(expression));
  }
}

function isLogic({ operator }: BinaryExpression): boolean {
  return operator === 'and' || operator === 'or';
}

/** A chain of one operator becomes one list. */
function joined(query: Query, expression: BinaryExpression): EventCondition {
  const { operator } = expression;
  const parts: Expression[] = [];
  let rest: Expression = expression;
  while (rest.kind === 'binary' && rest.operator === operator) {
    parts.unshift(rest.right);
    rest = rest.left;
  }
  const conditions = [rest, ...parts].map((part) => eventCondition(query, part));
  return operator === 'and' ? { and: conditions } : { or: conditions };
}

function comparison(query: Query, expression: BinaryExpression): EventCondition {
  const { operator, left, right } = expression;
  if (/^[-+*/%^]$/.test(operator)) throw undecidable(query, expression, 'arithmetic');
  const isMirrored = left.kind === 'string';
  const field = fieldOf(query, isMirrored ? right : left);
  const text = textOf(query, isMirrored ? left : right);
  if (operator === '=' || operator === '!=') {
    const equals = { field, equals: text };
    return operator === '=' ? equals : { not: equals };
  }
  if (/^[-+]?[\d.]/.test(text)) {
    throw undecidable(query, expression, 'the order of values that may be numbers');
  }
  const isBelow = operator.startsWith('<') !== isMirrored;
  // <= is not above, >= is not below.
  if (operator.endsWith('='))
    return { not: isBelow ? { field, above: text } : { field, below: text } };
  return isBelow ? { field, below: text } : { field, above: text };
}

function fieldOf(query: Query, expression: Expression): EventField {
  const field = expression.kind === 'field' ? fields[expression.name] : undefined;
  if (field === undefined) throw undecidable(query, expression, nameOf(expression));
  return field;
}

function textOf(query: Query, expression: Expression): string {
  if (expression.kind !== 'string') throw undecidable(query, expression, nameOf(expression));
  return expression.value;
}

function regexpTest(query: Query, pattern: RegexLiteral): FieldTest {
  refuseOverlap(query, pattern);
  const { root, groups } = readRegexp(pattern, query.text);
  const anchors = requiredStrings(root);
  return { like: toRe2({ root, groups }), ...(anchors && { anchors }) };
}

function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case 'field':
      return `the field ${expression.name}`;
    case 'number':
      return 'a number';
    case 'string':
      return 'a text by itself';
    case 'binary':
    case 'unary':
      return isComparisonOrLogic(expression) ? 'a condition inside a comparison' : 'arithmetic';
    case 'match':
    case 'in':
      return 'a condition inside a comparison';
    default:
      return 'a function or a duration';
  }
}

function isComparisonOrLogic({ operator }: { readonly operator: string }): boolean {
  return !/^[-+*/%^]$/.test(operator);
}

function undecidable({ text }: Query, { span }: Pick<Expression, 'span'>, what: string) {
  return errorAt(
    text,
    span,
    `${what} cannot be decided from a single event`,
    'a filter compares @message, @log and @logStream with texts',
  );
}
