/**
 * The SQL of a query as it grows: a chain of common table expressions, each made from the one
 * before it. A new column goes into the SELECT that is being written, or into one after it when it
 * needs a column of that one.
 *
 * Columns only ever get added until an aggregation, so that SQL made for an earlier stage stays
 * valid in a later one. `NOT MATERIALIZED` lets conditions travel down to the table.
 */
export class Pipeline {
  readonly #stages: string[] = [];
  readonly #open = new Map<string, string>();
  readonly #named = new Map<string, string>();
  #current = 's0';
  #columns = 0;
  #names = 1;

  /** The name of the stage that holds everything so far. */
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

  /** Adds a column, and gives its name. */
  readonly column = (sql: string): string => {
    if ((sql.match(columnName) ?? []).some((name) => this.#open.has(name))) this.#close();
    const name = this.newColumn();
    this.#open.set(name, sql);
    return name;
  };

  /** A name for an expression that SQL needs more than once; short ones are not worth it. */
  readonly name = (sql: string): string => {
    if (isColumn.test(sql)) return sql;
    const known = this.#named.get(sql) ?? this.column(sql);
    this.#named.set(sql, known);
    return known;
  };

  /** Long expressions become columns: neither their text nor their depth grows without end. */
  readonly short = (sql: string): string => (sql.length > 1000 ? this.name(sql) : sql);

  where(condition: string): void {
    this.append((from) => `SELECT * FROM ${from} WHERE ${condition}`);
  }

  /** Adds a stage that keeps the columns there are. */
  append(select: (from: string) => string): void {
    const from = this.current;
    this.#push(`NOT MATERIALIZED (${select(from)})`);
  }

  /** Adds a stage with columns of its own; from here on there are no others. */
  replace(select: (from: string) => string): string {
    const from = this.current;
    this.#named.clear();
    // Two readers: what follows, and the count of the events that went in.
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

/** Text of the query can look like one: that costs a stage, nothing else. */
const columnName = /\bc\d+\b/g;
const isColumn = /^(?:c\d+|ts|ing|log|ls|msg|rid|fields\[\d+\])$/;
