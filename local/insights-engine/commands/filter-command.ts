import { requiredLiterals } from '../../../query-language/pack/required-literals.ts';
import type { FilterCommand } from '../../../query-language/syntax/ast.ts';
import { compileCondition } from './expressions.ts';
import type { QueryState } from './query-state.ts';

/** `filter`: keeps rows for which the condition is true, not unknown. */
export function applyFilter({ condition }: FilterCommand, state: QueryState): void {
  const { context, matched, requiredStrings } = state;
  const sql = compileCondition(condition, context);
  if (matched.countedStage === undefined) {
    // Before any command over several rows, a message that cannot match need not be read.
    const required = requiredLiterals(condition, context.text);
    if (required !== undefined) requiredStrings.push(required);
    matched.hasFilter = true;
  } else if (context.scope.aggregated) {
    matched.dropsGroups = true;
  }
  context.pipeline.where(sql);
}
