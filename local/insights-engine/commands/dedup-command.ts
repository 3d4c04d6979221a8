import type { DedupCommand } from '../../../query-language/syntax/ast.ts';
import { asText } from '../sql/values.ts';
import { orderBy, type QueryState, stopCounting } from './query-state.ts';

/**
 * `dedup`: keeps the first of the rows with the same values, and every row that lacks one of the
 * fields.
 */
export function applyDedup({ fields }: DedupCommand, state: QueryState): void {
  stopCounting(state);
  const { pipeline, scope } = state.context;
  const keys = fields.map((field) => pipeline.name(asText(scope.resolve(field), pipeline.name)));
  const isFirst = `row_number() OVER (PARTITION BY ${keys.join(', ')} ${orderBy(state)}) = 1`;
  const lacksOne = keys.map((key) => `${key} IS NULL`).join(' OR ');
  pipeline.append((from) => `SELECT * FROM ${from} QUALIFY ${isFirst} OR ${lacksOne}`);
}
