import type { QueryContext } from './query-context.ts';
import type { Value } from './values.ts';

/** One key of the order that rows are in. */
export interface OrderKey {
  readonly sql: string;
  readonly descending: boolean;
}

/** What the commands of a query leave for each other besides columns and names. */
export interface QueryState {
  readonly context: QueryContext;
  /** The order of the rows so far; the order of a SQL stage does not survive the next one. */
  order: readonly OrderKey[];
  /** Columns that make the order of equal rows certain. */
  ties: readonly string[];
  /** Columns of the result by name, in the order in which the query made or listed them. */
  shown: Map<string, Value>;
  /** What the last display asked for. */
  display: ReadonlyMap<string, Value> | undefined;
  /** Whether `fields` listed anything. */
  hasFields: boolean;
  /** The smallest limit that the query asks for. */
  limit: number | undefined;
  /** Sets of strings of which every message that can matter contains one. */
  readonly requiredStrings: (readonly string[])[];
  readonly matched: MatchedEvents;
}

/** How the events that matched are counted: those that all filters before the first change let through. */
export interface MatchedEvents {
  hasFilter: boolean;
  /** The stage before the first stats, limit, dedup or unnest. */
  countedStage: string | undefined;
  /** A stats that nothing stood before: its stage counts the events of its groups, as `matched`. */
  statsStage: string | undefined;
  /** Whether groups were dropped after stats, with the events counted in them. */
  dropsGroups: boolean;
}

export function orderBy({ order, ties }: Pick<QueryState, 'order' | 'ties'>): string {
  // Where AWS puts rows without a value is not documented: here at the end, both ways.
  const keys = order.map(
    ({ sql, descending }) => `${sql} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
  );
  const all = [...keys, ...ties];
  return all.length === 0 ? '' : `ORDER BY ${all.join(', ')}`;
}

/** Marks that from here on a row is no longer one matching event. */
export function stopCounting({ context, matched }: QueryState): void {
  matched.countedStage ??= context.pipeline.current;
}
