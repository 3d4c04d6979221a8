import type { Expression, Query } from './ast.ts';
import { sourceText } from './source-text.ts';

/**
 * An expression of a query as the shortest text with the same meaning: strings, regexps and numbers
 * word for word, without comments, and with no parentheses but those that are needed.
 */
export function writeExpression(query: Query, expression: Expression): string {
  const write = (part: Expression) => writeExpression(query, part);
  switch (expression.kind) {
    case 'unary':
      return expression.operator === 'not'
        ? `not ${operand(query, expression.operand)}`
        : `-${operand(query, expression.operand)}`;
    case 'binary': {
      const { left, operator, right } = expression;
      // A chain of one of these reads from the left, as it was parsed; everything else is bracketed.
      const chained =
        left.kind === 'binary' && left.operator === operator && isAssociative(operator);
      return `${chained ? write(left) : operand(query, left)} ${operator} ${operand(query, right)}`;
    }
    case 'match': {
      const { subject, negated, pattern } = expression;
      return `${operand(query, subject)}${negated ? ' not' : ''} like ${sourceText(query, pattern)}`;
    }
    case 'in': {
      const { subject, negated, values } = expression;
      return `${operand(query, subject)}${negated ? ' not' : ''} in [${values.map(write).join(',')}]`;
    }
    default:
      return sourceText(query, expression);
  }
}

function isAssociative(operator: string): boolean {
  return operator === 'and' || operator === 'or';
}

/** In brackets, unless it holds together by itself. */
function operand(query: Query, expression: Expression): string {
  const text = writeExpression(query, expression);
  switch (expression.kind) {
    case 'binary':
    case 'unary':
      return `(${text})`;
    default:
      return text;
  }
}
