import type { Expression, Query } from '../syntax/ast.ts';
import { sourceText } from '../syntax/source-text.ts';

/**
 * Writes an expression of a query as an independent text with the same meaning: strings, regexps,
 * numbers, fields and calls verbatim, without comments and unneeded parentheses.
 */
export function writeExpression(query: Query, expression: Expression): string {
  const write = (part: Expression) => writeExpression(query, part);
  switch (expression.kind) {
    case 'unary':
      return expression.operator === 'not'
        ? `not ${operand(query, expression.operand, true)}`
        : `-${operand(query, expression.operand, false)}`;
    case 'binary': {
      const { left, operator, right } = expression;
      const isLogic = operator === 'and' || operator === 'or';
      // A chain of one of these is left-associative, as parsed; everything else gets parentheses.
      const chained = isLogic && left.kind === 'binary' && left.operator === operator;
      const before = chained ? write(left) : operand(query, left, isLogic);
      return `${before} ${operator} ${operand(query, right, isLogic)}`;
    }
    case 'match': {
      const { subject, negated, pattern } = expression;
      return `${operand(query, subject, false)}${negated ? ' not' : ''} like ${sourceText(query, pattern)}`;
    }
    case 'in': {
      const { subject, negated, values } = expression;
      return `${operand(query, subject, false)}${negated ? ' not' : ''} in [${values.map(write).join(',')}]`;
    }
    default:
      return sourceText(query, expression);
  }
}

/**
 * An operand, in parentheses if it needs them.
 *
 * @param inLogic whether it is an operand of and, or, not, which bind looser than like and in
 */
function operand(query: Query, expression: Expression, inLogic: boolean): string {
  const text = writeExpression(query, expression);
  switch (expression.kind) {
    case 'binary':
    case 'unary':
      return `(${text})`;
    case 'match':
    case 'in':
      return inLogic ? text : `(${text})`;
    default:
      return text;
  }
}
