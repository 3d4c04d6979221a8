import type {
  CallExpression,
  Expression,
  Projection,
  StatsCommand,
} from '../../../query-language/syntax/ast.ts';
import { errorAt } from '../../../query-language/syntax/query-error.ts';
import { aggregateFunctions } from '../functions/aggregate-functions.ts';
import { CallArguments } from '../functions/scalar-function.ts';
import type { QueryContext } from '../sql/pipeline.ts';
import { asText, naturalSortKeys, type Value } from '../sql/values.ts';
import { checkArguments, compileExpression } from './expressions.ts';
import { type QueryState, stopCounting } from './query-state.ts';

/**
 * `stats … by …`: one row for each combination of values, and only its own columns from there on.
 * Rows that lack a value of `by` form their own group. Without `by` there is one row, even over no
 * events (AWS documents a 0 there, but has also been seen to return no row).
 */
export function applyStats(command: StatsCommand, state: QueryState): void {
  const { context, matched } = state;
  const seesAllMatches = matched.countedStage === undefined;
  stopCounting(state);
  const { pipeline, scope } = context;
  for (const { alias } of [...command.by, ...command.aggregates]) {
    if (alias !== undefined) scope.checkAlias(alias);
  }
  checkTopk(command, context);

  const select = new Map<string, string>();
  const keys = command.by.map((projection) => groupKey(projection, context, select));
  const aggregates = new Map<CallExpression, Value>();
  for (const { expression } of command.aggregates) {
    for (const call of aggregateCalls(expression)) {
      const { type, sql } = buildAggregate(call, context);
      const column = pipeline.newColumn();
      select.set(column, sql);
      aggregates.set(call, { type, sql: column });
    }
  }
  if (seesAllMatches) select.set('matched', 'count(*)');
  const columns = [...select].map(([name, sql]) => `${sql} AS ${name}`).join(', ');
  const groupBy =
    keys.length === 0 ? '' : ` GROUP BY ${keys.map(({ grouping }) => grouping).join(', ')}`;
  const stage = pipeline.replace((from) => `SELECT ${columns} FROM ${from}${groupBy}`);
  if (seesAllMatches) matched.statsStage = stage;

  scope.replace(new Map(keys.map(({ name, value }) => [name, value])));
  defineAggregates(command.aggregates, { ...context, aggregates }, state, keys);
  state.display = undefined;
  state.ties = [];
  // AWS does not document the order of groups: here they are ordered by key.
  state.order = keys.flatMap(({ value }) =>
    naturalSortKeys(value, pipeline.name).map((sql) => ({
      sql: pipeline.name(sql),
      descending: false,
    })),
  );
}

interface GroupKey {
  readonly name: string;
  readonly value: Value;
  readonly grouping: string;
}

/** Adds the key's column. Values of JSON and lists group by their text. */
function groupKey(
  { expression, columnName }: Projection,
  context: QueryContext,
  select: Map<string, string>,
): GroupKey {
  const { pipeline } = context;
  const value = compileExpression(expression, context);
  const isText = value.type === 'json' || value.type === 'list';
  const grouping = pipeline.name(isText ? asText(value, pipeline.name) : value.sql);
  const column = pipeline.newColumn();
  select.set(column, grouping);
  return { name: columnName, grouping, value: { type: isText ? 'text' : value.type, sql: column } };
}

/** Defines the expressions over aggregates; an alias is visible from the next item on. */
function defineAggregates(
  projections: readonly Projection[],
  context: QueryContext,
  state: QueryState,
  keys: readonly GroupKey[],
): void {
  const { pipeline, scope } = context;
  state.shown = new Map(keys.map(({ name, value }) => [name, value]));
  for (const { expression, alias, columnName } of projections) {
    const { type, sql } = compileExpression(expression, context);
    const value = { type, sql: pipeline.name(sql) };
    if (alias === undefined) scope.defineColumn(columnName, value);
    else scope.define(alias, value, 'stats');
    state.shown.set(columnName, value);
  }
}

function buildAggregate(call: CallExpression, context: QueryContext): Value {
  const found = aggregateFunctions.get(call.name);
  if (found === undefined) throw new RangeError(`${call.name}() is no aggregate`);
  checkArguments(call, found, context);
  return found.build(new CallArguments(call, context, (one) => compileExpression(one, context)));
}

/** The outermost calls of aggregates in an expression. */
function aggregateCalls(expression: Expression): readonly CallExpression[] {
  switch (expression.kind) {
    case 'call':
      return aggregateFunctions.has(expression.name)
        ? [expression]
        : expression.arguments.flatMap(aggregateCalls);
    case 'member':
      return aggregateCalls(expression.object);
    case 'unary':
      return aggregateCalls(expression.operand);
    case 'binary':
      return [...aggregateCalls(expression.left), ...aggregateCalls(expression.right)];
    case 'match':
      return aggregateCalls(expression.subject);
    case 'in':
      return [expression.subject, ...expression.values].flatMap(aggregateCalls);
    default:
      return [];
  }
}

/** AWS: topk cannot be combined with `by` or other aggregation functions. */
function checkTopk({ aggregates, by }: StatsCommand, { text }: QueryContext): void {
  const calls = aggregates.flatMap(({ expression }) => aggregateCalls(expression));
  const topk = calls.find(({ name }) => name === 'topk');
  if (topk === undefined || (calls.length === 1 && by.length === 0)) return;
  throw errorAt(text, topk.span, 'topk() cannot be combined with by or another aggregation,');
}
