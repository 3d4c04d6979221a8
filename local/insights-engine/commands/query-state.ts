import type { QueryContext } from '../sql/pipeline.ts';
import type { Value } from '../sql/values.ts';

/** One key of the order of rows. */
interface OrderKey {
  readonly sql: string;
  readonly descending: boolean;
}

/** State that commands pass on, besides columns and names. */
export interface QueryState {
  readonly context: QueryContext;
  /** The order of the rows so far; the order of a SQL stage does not survive the next one. */
  order: readonly OrderKey[];
  /** Columns that make the order of equal rows deterministic. */
  ties: readonly string[];
  /** Columns of the result by name, in the order in which the query created or listed them. */
  shown: Map<string, Value>;
  /** The columns of the last display. */
  display: ReadonlyMap<string, Value> | undefined;
  /** Whether `fields` listed anything. */
  hasFields: boolean;
  /** The smallest limit in the query. */
  limit: number | undefined;
  /** Sets of strings; every relevant message contains one string of each set. */
  readonly requiredStrings: (readonly string[])[];
  readonly matched: MatchedEvents;
}

/**
 * How matching events are counted: those that pass all filters before rows stop being single
 * events.
 */
interface MatchedEvents {
  hasFilter: boolean;
  /** The stage before the first stats, limit, dedup or unnest. */
  countedStage: string | undefined;
  /** Whether from there on only limits change the rows: they keep each match, or the first ones. */
  isOnlyLimited: boolean;
  /**
   * The stage of a stats command without such a command before it; it counts the events of its
   * groups, as `matched`.
   */
  statsStage: string | undefined;
  /** Whether groups were dropped after stats, with the events counted in them. */
  dropsGroups: boolean;
}

export function orderBy({ order, ties }: Pick<QueryState, 'order' | 'ties'>): string {
  // AWS does not document where rows without a value go: here at the end, in both directions.
  const keys = order.map(
    ({ sql, descending }) => `${sql} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
  );
  const all = [...keys, ...ties];
  return all.length === 0 ? '' : `ORDER BY ${all.join(', ')}`;
}

/** Marks that rows no longer are single matching events from here on. */
export function stopCounting(state: QueryState): void {
  cutMatches(state);
  state.matched.isOnlyLimited = false;
}

/** Marks that rows may be fewer than the matching events from here on. */
export function cutMatches({ context, matched }: QueryState): void {
  matched.countedStage ??= context.pipeline.current;
}
