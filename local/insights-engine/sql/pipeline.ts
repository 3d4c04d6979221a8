import type { CallExpression } from '../../../query-language/syntax/ast.ts';
import type { Scope } from './scope.ts';
import type { Value } from './values.ts';

/**
 * The growing SQL of a query: a chain of common table expressions, each selecting from the one
 * before. A new column goes into the current SELECT, or into the next one when it needs a column of
 * the current one.
 *
 * Until an aggregation, columns are only added, so that SQL for an earlier stage stays valid in a
 * later one. `NOT MATERIALIZED` lets DuckDB push conditions down to the table.
 */
export class Pipeline {
  readonly #stages: string[] = [];
  readonly #open = new Map<string, string>();
  readonly #named = new Map<string, string>();
  #current = 's0';
  #columns = 0;
  #names = 1;

  /** The name of the stage with all columns so far. */
  get current(): string {
    this.#close();
    return this.#current;
  }

  /** Common table expressions after `s0`. */
  get stages(): readonly string[] {
    this.#close();
    return this.#stages;
  }

  newColumn(): string {
    this.#columns += 1;
    return `c${this.#columns}`;
  }

  /** Adds a column and returns its name. */
  readonly column = (sql: string): string => {
    if ((sql.match(columnName) ?? []).some((name) => this.#open.has(name))) this.#close();
    const name = this.newColumn();
    this.#open.set(name, sql);
    return name;
  };

  /**
   * A name for an expression that is used more than once; short expressions are returned as they
   * are.
   */
  readonly name = (sql: string): string => {
    if (isColumn.test(sql)) return sql;
    const known = this.#named.get(sql) ?? this.column(sql);
    this.#named.set(sql, known);
    return known;
  };

  /** Turns long expressions into columns, which limits their length and depth. */
  readonly short = (sql: string): string => (sql.length > 1000 ? this.name(sql) : sql);

  where(condition: string): void {
    this.append((from) => `SELECT * FROM ${from} WHERE ${condition}`);
  }

  /** Adds a stage with the same columns. */
  append(select: (from: string) => string): void {
    const from = this.current;
    this.#push(`NOT MATERIALIZED (${select(from)})`);
  }

  /** Adds a stage with new columns, which replace all others. */
  replace(select: (from: string) => string): string {
    const from = this.current;
    this.#named.clear();
    // Materialized for two readers: the following stages, and the count of events.
    return this.#push(`MATERIALIZED (${select(from)})`);
  }

  #close(): void {
    if (this.#open.size === 0) return;
    const columns = [...this.#open].map(([name, sql]) => `${sql} AS ${name}`);
    const from = this.#current;
    this.#open.clear();
    this.#push(`NOT MATERIALIZED (SELECT *, ${columns.join(', ')} FROM ${from})`);
  }

  #push(definition: string): string {
    this.#current = `s${this.#names}`;
    this.#names += 1;
    this.#stages.push(`${this.#current} AS ${definition}`);
    return this.#current;
  }
}

/** Text of the query can look like a column name; that only costs a stage. */
const columnName = /\bc\d+\b/g;
const isColumn = /^(?:c\d+|ts|ing|log|ls|msg|rid|fields\[\d+\])$/;

/** State shared by the translation of all parts of one query. */
export interface QueryContext {
  /** The query, for the positions in errors. */
  readonly text: string;
  readonly pipeline: Pipeline;
  readonly scope: Scope;
  readonly nowEpochMs: number;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Sentences for people. */
  readonly warnings: string[];
  /** In expressions over aggregates: the aggregates of a stats command, by their calls. */
  readonly aggregates?: ReadonlyMap<CallExpression, Value>;
}
