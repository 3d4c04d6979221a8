import { requiredLiterals } from '../../../query-language/pack/required-strings.ts';
import type {
  DedupCommand,
  DisplayCommand,
  FieldsCommand,
  FilterCommand,
  LimitCommand,
  SortCommand,
  UnnestCommand,
} from '../../../query-language/syntax/ast.ts';
import { describePosition, errorAt } from '../../../query-language/syntax/query-error.ts';
import { asText, isStructure, json, naturalSortKeys, type Value } from '../sql/values.ts';
import { compileCondition, compileExpression } from './expressions.ts';
import { cutMatches, orderBy, type QueryState, stopCounting } from './query-state.ts';

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

/** `filter`: keeps rows for which the condition is true, not unknown. */
export function applyFilter({ condition }: FilterCommand, state: QueryState): void {
  const { context, matched, requiredStrings } = state;
  const sql = compileCondition(condition, context);
  if (matched.countedStage === undefined) {
    // Before any command over several rows, a message that cannot match need not be read.
    const required = requiredLiterals(condition, context.text);
    if (required !== undefined) requiredStrings.push(required);
    matched.hasFilter = true;
  } else {
    matched.isOnlyLimited = false;
    if (context.scope.aggregated) matched.dropsGroups = true;
  }
  context.pipeline.where(sql);
}

/** The largest limit of a query. */
export const maxLimit = 100_000;

/** `limit`: the first rows in the order so far; `limit any` takes the rows stored first. */
export function applyLimit({ count, any, span }: LimitCommand, state: QueryState): void {
  const { context, ties } = state;
  if (!Number.isInteger(count) || count < 0 || count > maxLimit) {
    const problem = `limit takes a whole number from 0 to ${maxLimit}, found ${count},`;
    throw errorAt(context.text, span, problem);
  }
  cutMatches(state);
  if (context.scope.aggregated) state.matched.dropsGroups = true;
  const order = orderBy({ order: any ? [] : state.order, ties });
  context.pipeline.append((from) => `SELECT * FROM ${from} ${order} LIMIT ${count}`);
  state.limit = Math.min(count, state.limit ?? count);
}

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
