import type { LimitCommand } from '../../../query-language/syntax/ast.ts';
import { errorAt } from '../../../query-language/syntax/position.ts';
import { orderBy, type QueryState, stopCounting } from './query-state.ts';

/** The largest limit of a query. */
export const maxLimit = 100_000;

/** `limit`: the first rows in the order so far; `limit any` takes the rows stored first. */
export function applyLimit({ count, any, span }: LimitCommand, state: QueryState): void {
  const { context, ties } = state;
  if (!Number.isInteger(count) || count < 0 || count > maxLimit) {
    const problem = `limit takes a whole number from 0 to ${maxLimit}, found ${count},`;
    throw errorAt(context.text, span, problem);
  }
  stopCounting(state);
  if (context.scope.aggregated) state.matched.dropsGroups = true;
  const order = orderBy({ order: any ? [] : state.order, ties });
  context.pipeline.append((from) => `SELECT * FROM ${from} ${order} LIMIT ${count}`);
  state.limit = Math.min(count, state.limit ?? count);
}
