import type { Command, Query } from '../../query-language/syntax/ast.ts';
import { errorAt } from '../../query-language/syntax/query-error.ts';
import { applyParseGlob, applyParseRegex } from './commands/parse-command.ts';
import { orderBy, type QueryState } from './commands/query-state.ts';
import {
  applyDedup,
  applyDisplay,
  applyFields,
  applyFilter,
  applyLimit,
  applySort,
  applyUnnest,
} from './commands/row-commands.ts';
import { applyStats } from './commands/stats-command.ts';
import { containsAny } from './sql/patterns.ts';
import { Pipeline, type QueryContext } from './sql/pipeline.ts';
import { DiscoveredFields, Scope } from './sql/scope.ts';
import { asShown, type Value } from './sql/values.ts';
import { checkTextGrowth } from './text-growth.ts';

/** The visible events and the times that functions return. */
interface QueryRange {
  /** SQL for the events in range. */
  readonly condition: string;
  readonly nowEpochMs: number;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Maximum number of rows. */
  readonly limit: number;
  /** For tests that the prefilter changes no result. */
  readonly withoutPrefilter?: boolean;
}

export interface TranslatedQuery {
  /**
   * Selects one VARCHAR for each of `columns`, and `matched` (a count) when the query aggregates.
   */
  readonly sql: string;
  readonly columns: readonly string[];
  readonly limit: number;
  /** Counts the matching events when the rows do not show their number. */
  readonly countSql: string;
  readonly matched: 'all' | 'rows' | 'column' | 'count';
  /** For a query that aggregates: whether no row means no match. */
  readonly emptyMeansNone: boolean;
  readonly warnings: readonly string[];
  /** The columns of `events` that the query reads, besides those that each event has. */
  readonly optionalColumns: readonly OptionalColumn[];
  /** Sets of strings: an event whose message lacks every string of one of them changes no row. */
  readonly requiredStrings: readonly (readonly string[])[];
}

/** The columns of `events` without which a query may do: ingestion time, log stream and message. */
export const optionalColumns = ['ing', 'ls', 'msg'] as const;
export type OptionalColumn = (typeof optionalColumns)[number];

/**
 * A query as one SQL statement over the table `events`.
 *
 * @throws QueryError for a query that Logs Insights rejects or that is not supported here.
 */
export function translate(query: Query, range: QueryRange): TranslatedQuery {
  const discovered = new DiscoveredFields();
  const context: QueryContext = {
    text: query.text,
    pipeline: new Pipeline(),
    scope: new Scope(query.text, discovered),
    warnings: [],
    nowEpochMs: range.nowEpochMs,
    startEpochMs: range.startEpochMs,
    endEpochMs: range.endEpochMs,
  };
  const state = initialState(context);
  checkCommands(query);
  checkTextGrowth(query);
  for (const command of query.commands) {
    context.scope.startCommand();
    apply(command, state);
  }
  return finish(state, discovered, range);
}

function initialState(context: QueryContext): QueryState {
  return {
    context,
    // AWS: without sort by @timestamp, the newest first.
    order: [{ sql: 'ts', descending: true }],
    ties: ['rid'],
    shown: new Map(),
    display: undefined,
    hasFields: false,
    limit: undefined,
    requiredStrings: [],
    matched: {
      hasFilter: false,
      countedStage: undefined,
      isOnlyLimited: true,
      statsStage: undefined,
      dropsGroups: false,
    },
  };
}

function apply(command: Command, state: QueryState): void {
  switch (command.kind) {
    case 'source':
      break;
    case 'fields':
      applyFields(command, state);
      break;
    case 'display':
      applyDisplay(command, state);
      break;
    case 'filter':
      applyFilter(command, state);
      break;
    case 'parse-glob':
      applyParseGlob(command, state);
      break;
    case 'parse-regex':
      applyParseRegex(command, state);
      break;
    case 'stats':
      applyStats(command, state);
      break;
    case 'sort':
      applySort(command, state);
      break;
    case 'limit':
      applyLimit(command, state);
      break;
    case 'dedup':
      applyDedup(command, state);
      break;
    case 'unnest':
      applyUnnest(command, state);
      break;
  }
}

/** More than anyone writes. */
const maxCommands = 200;

/** DuckDB nests the stages: a thousand would take minutes. */
const maxStages = 250;

function checkCommands({ commands, text }: Query): void {
  const tooMany = commands[maxCommands];
  if (tooMany !== undefined) {
    throw errorAt(text, tooMany.span, `more than ${maxCommands} commands are not supported`);
  }
  // AWS: in a query with several stats, sort and limit must follow the last one.
  const lastStats = commands.findLastIndex(({ kind }) => kind === 'stats');
  const firstStats = commands.findIndex(({ kind }) => kind === 'stats');
  const early = commands
    .slice(firstStats + 1, Math.max(lastStats, 0))
    .find(({ kind }) => kind === 'sort' || kind === 'limit');
  if (early === undefined) return;
  throw errorAt(text, early.span, `${early.kind} must follow the last stats, found one`);
}

function finish(
  state: QueryState,
  discovered: DiscoveredFields,
  range: QueryRange,
): TranslatedQuery {
  const { context, matched } = state;
  const { pipeline, scope } = context;
  const limit = Math.min(state.limit ?? range.limit, range.limit);
  const columns = shownColumns(state);
  const isCounted = matched.statsStage !== undefined;
  const selected = columns.map(([, value]) => asShown(value, pipeline.name));
  if (isCounted) selected.push(`(SELECT sum(matched) FROM ${matched.statsStage})`);
  const last = pipeline.current;
  if (pipeline.stages.length > maxStages) {
    const problem = 'the query defines too many names in terms of each other,';
    throw errorAt(context.text, { start: 0, end: context.text.length }, problem);
  }
  const prefilter = range.withoutPrefilter ? [] : state.requiredStrings;
  const rest = `SELECT ${selected.join(', ')} FROM ${last} ${orderBy(state)} LIMIT ${limit}`;
  const used = columnsIn([...pipeline.stages, rest, discovered.sql ?? ''].join(' '));
  const base = baseStage(range.condition, discovered, prefilter, used);
  const stages = (names: readonly string[]) => `WITH ${[base, ...names].join(', ')}`;
  return {
    sql: `${stages(pipeline.stages)} ${rest}`,
    columns: columns.map(([name]) => name),
    limit,
    countSql: `${stages(pipeline.stages)} SELECT count(*) FROM ${matched.countedStage ?? last}`,
    matched: matchedBy(state),
    emptyMeansNone: !matched.dropsGroups,
    warnings: context.warnings,
    optionalColumns: used,
    requiredStrings: state.requiredStrings,
  };

  function shownColumns({ display, shown, hasFields }: QueryState): readonly [string, Value][] {
    const asked = new Map<string, Value>(display ?? shown);
    if (scope.aggregated) return [...asked];
    // AWS: a query with neither fields nor display shows these two.
    const always = display === undefined && !hasFields ? ['@timestamp', '@message'] : [];
    const all = new Map(always.map((name) => [name, builtin(scope, name)] as const));
    for (const [name, value] of asked) all.set(name, value);
    all.delete('@ptr');
    return [...all, ['@ptr', builtin(scope, '@ptr')]];
  }
}

function matchedBy({ matched }: QueryState): TranslatedQuery['matched'] {
  if (!matched.hasFilter) return 'all';
  if (matched.statsStage !== undefined) return 'column';
  return matched.isOnlyLimited ? 'rows' : 'count';
}

function builtin(scope: Scope, name: string): Value {
  return scope.resolve({ kind: 'field', name, path: [name], span: { start: 0, end: 0 } });
}

/** Text of the query can look like a column name; that only costs memory. */
function columnsIn(sql: string): readonly OptionalColumn[] {
  return optionalColumns.filter((column) => new RegExp(`\\b${column}\\b`).test(sql));
}

function baseStage(
  condition: string,
  discovered: DiscoveredFields,
  requiredStrings: readonly (readonly string[])[],
  used: readonly OptionalColumn[],
): string {
  const conditions = [condition, ...requiredStrings.map((strings) => containsAny('msg', strings))];
  const fields = discovered.sql === undefined ? '' : `, ${discovered.sql} AS fields`;
  const columns = ['rid', 'ts', 'log', ...used].join(', ');
  return `s0 AS NOT MATERIALIZED (SELECT ${columns}${fields} FROM events WHERE ${conditions.join(' AND ')})`;
}
