import type { DisplayCommand } from '../../../query-language/syntax/ast.ts';
import type { Value } from '../sql/values.ts';
import { compileExpression } from './expressions.ts';
import type { QueryState } from './query-state.ts';

/** `display`: the last one decides what is shown. Its names may be defined already. */
export function applyDisplay({ items }: DisplayCommand, state: QueryState): void {
  const { context } = state;
  const display = new Map<string, Value>();
  for (const { expression, columnName } of items) {
    const { type, sql } = compileExpression(expression, context);
    const value = { type, sql: context.pipeline.name(sql) };
    if (expression.kind !== 'field') context.scope.defineColumn(columnName, value);
    display.set(columnName, value);
  }
  state.display = display;
}
