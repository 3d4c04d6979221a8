import type { UnnestCommand } from '../../../query-language/syntax/ast.ts';
import { errorAt } from '../../../query-language/syntax/position.ts';
import { isStructure, json } from '../sql/values.ts';
import { type QueryState, stopCounting } from './query-state.ts';

/**
 * `unnest`: one row for each element of a list. Anything else counts as a list of one element, as
 * AWS documents; an empty list leaves no row.
 */
export function applyUnnest({ subject, into }: UnnestCommand, state: QueryState): void {
  stopCounting(state);
  const { pipeline, scope, text } = state.context;
  const source = scope.resolve(subject);
  if (source.type === 'list') {
    const problem = `unnest takes a list from jsonParse(), ${subject.name} is not one`;
    throw errorAt(text, subject.span, problem);
  }
  if (scope.aggregated) state.matched.dropsGroups = true;
  const value = pipeline.name(source.sql);
  const isList =
    source.type === 'json' ? `${isStructure(value)} AND left(${value}, 1) = '['` : 'false';
  const elements =
    source.type === 'json' ? `CAST(json_extract(${value}, '$[*]') AS VARCHAR[])` : 'NULL';
  const items = pipeline.name(`CASE WHEN ${isList} THEN ${elements} ELSE [${value}] END`);
  const [item, position] = [pipeline.newColumn(), pipeline.newColumn()];
  pipeline.append(
    (from) =>
      `SELECT *, unnest(${items}) AS ${item}, generate_subscripts(${items}, 1) AS ${position} FROM ${from}`,
  );
  const unnested =
    source.type === 'json'
      ? json(pipeline.name(`nullif(${item}, 'null')`))
      : { ...source, sql: item };
  scope.define(into, unnested, 'unnest');
  state.shown.set(into.name, unnested);
  state.ties = [...state.ties, position];
}
