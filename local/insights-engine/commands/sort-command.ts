import type { SortCommand } from '../../../query-language/syntax/ast.ts';
import { describePosition } from '../../../query-language/syntax/position.ts';
import { naturalSortKeys } from '../sql/natural-order.ts';
import { compileExpression } from './expressions.ts';
import type { QueryState } from './query-state.ts';

/** `sort`: replaces the order. */
export function applySort({ keys }: SortCommand, state: QueryState): void {
  const { context } = state;
  const { pipeline, scope, warnings, text } = context;
  const order = keys.flatMap(({ expression, descending, span }) => {
    if (expression.kind === 'field' && !scope.knows(expression)) {
      // Accepted because deployed queries have such keys; elsewhere AWS refuses the name.
      const place = describePosition(text, span.start);
      warnings.push(`sort ignores ${expression.name} at ${place}: stats left no such column`);
      return [];
    }
    const value = compileExpression(expression, context);
    return naturalSortKeys({ ...value, sql: pipeline.name(value.sql) }, pipeline.name).map(
      (sql) => ({
        sql: pipeline.name(sql),
        descending,
      }),
    );
  });
  if (order.length > 0) state.order = order;
}
