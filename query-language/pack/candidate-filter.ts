import type { FusibleQuery } from './fusible-query.ts';
import { writeExpression } from './write-expression.ts';

/**
 * A detection's filter as one expression that can be an operand of `or`.
 *
 * @param logTypes suffixes of the log groups that it reads; undefined for all groups
 */
export function candidateFilter(
  { query, conditions }: FusibleQuery,
  logTypes: readonly string[] | undefined,
): string {
  const parts = conditions.map((condition) => ({
    text: writeExpression(query, condition),
    standsAlone: condition.kind === 'match' || condition.kind === 'in',
  }));
  if (logTypes !== undefined) {
    parts.push({ text: `@log like /-(${logTypes.join('|')})$/`, standsAlone: true });
  }
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return only.standsAlone ? only.text : `(${only.text})`;
  }
  const joined = parts.map(({ text, standsAlone }) => (standsAlone ? text : `(${text})`));
  return `(${joined.join(' and ')})`;
}
