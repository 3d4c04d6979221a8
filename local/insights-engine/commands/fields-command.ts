import type { FieldsCommand } from '../../../query-language/ast.ts';
import { compileExpression } from '../expressions.ts';
import type { Prefilter } from '../prefilter.ts';
import type { QueryState } from '../query-state.ts';

/** `fields`: columns are added to what is shown, aliases are names from the next item on. */
export function applyFields(
  { items }: FieldsCommand,
  state: QueryState,
  prefilter: Prefilter,
): void {
  const { context, shown } = state;
  const { scope, pipeline } = context;
  for (const { expression, alias, columnName } of items) {
    const { type, sql } = compileExpression(expression, context);
    const value = { type, sql: pipeline.name(sql) };
    if (alias !== undefined) {
      scope.define(alias, value, 'fields');
      if (!scope.aggregated) prefilter.define(alias.name, expression);
    } else if (expression.kind === 'field') {
      scope.list({ name: expression.name, span: expression.span });
    } else {
      scope.defineColumn(columnName, value);
    }
    shown.set(columnName, value);
  }
  state.hasFields = true;
}
