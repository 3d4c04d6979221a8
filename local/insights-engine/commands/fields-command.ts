import type { FieldsCommand } from '../../../query-language/syntax/ast.ts';
import { compileExpression } from './expressions.ts';
import type { QueryState } from './query-state.ts';

/** `fields`: adds columns to the result; aliases are visible from the next item on. */
export function applyFields({ items }: FieldsCommand, state: QueryState): void {
  const { context, shown } = state;
  const { scope, pipeline } = context;
  for (const { expression, alias, columnName } of items) {
    const { type, sql } = compileExpression(expression, context);
    const value = { type, sql: pipeline.name(sql) };
    if (alias !== undefined) {
      scope.define(alias, value, 'fields');
    } else if (expression.kind === 'field') {
      scope.list({ name: expression.name, span: expression.span });
    } else {
      scope.defineColumn(columnName, value);
    }
    shown.set(columnName, value);
  }
  state.hasFields = true;
}
