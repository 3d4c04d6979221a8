import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { type LogEvent, logOf } from '../log-event.ts';
import type { IngestionSpan, LogGroupInfo, LogStreamInfo } from './engine-types.ts';
import {
  checkTime,
  createTable,
  EventAppender,
  type EventTable,
  fullTable,
  useTable,
} from './event-table.ts';
import { registerIpFunctions } from './ip-sql.ts';
import type { NeededEvents } from './needed-events.ts';
import { sqlString } from './sql/values.ts';

interface Group {
  createdEpochMs: number;
  /** Whether it was created by name; otherwise it is as old as its oldest event. */
  isExplicit: boolean;
  /** Bytes of its messages, counted here because nearly every request asks for the groups. */
  storedBytes: number;
  /** Creation times by name; undefined for a stream created by its first event. */
  readonly streams: Map<string, number | undefined>;
}

/** Events and groups, in an in-memory DuckDB database without access to disk or network. */
export class EventStore {
  readonly #instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** A separate connection: closing an appender aborts the queries on its connection. */
  readonly #writer: DuckDBConnection;
  /** Settles after all writes so far; one connection runs them one after another. */
  #writes: Promise<unknown> = Promise.resolve();
  readonly #groups = new Map<string, Group>();
  readonly #table: EventTable;
  #events = 0;
  #hasThreads = false;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    writer: DuckDBConnection,
    table: EventTable,
  ) {
    this.#instance = instance;
    this.connection = connection;
    this.#writer = writer;
    this.#table = table;
  }

  static async open(table: EventTable = fullTable): Promise<EventStore> {
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      threads: '1',
    });
    const connection = await instance.connect();
    registerIpFunctions(connection);
    for (const sql of createTable(table)) await connection.run(sql);
    await connection.run(`SET disabled_optimizers = '${disabledOptimizers.join(',')}'`);
    await connection.run('SET enable_external_access = false');
    const writer = await instance.connect();
    for (const sql of useTable(table)) await writer.run(sql);
    return new EventStore(instance, connection, writer, table);
  }

  close(): void {
    this.connection.closeSync();
    this.#writer.closeSync();
    this.#instance.closeSync();
  }

  /**
   * Adds events and creates missing groups.
   *
   * @returns how many.
   * @throws RangeError for a time that is not a whole number of milliseconds since 1970.
   */
  async load(events: Iterable<LogEvent> | AsyncIterable<LogEvent>): Promise<number> {
    return this.#append(async (appender) => {
      for await (const event of events) this.#load(event, appender);
    });
  }

  /**
   * Adds the events of batches, as far as they are needed, and the groups of all. Each has the number that it would
   * have among all events.
   *
   * @param needed which of them. @default all
   * @returns how many there were.
   * @throws RangeError for a time that is not a whole number of milliseconds since 1970.
   */
  async loadBatches(
    batches: AsyncIterable<readonly LogEvent[]>,
    needed?: NeededEvents,
  ): Promise<number> {
    return this.#append(async (appender) => {
      if (needed !== undefined) {
        needed.onKept = (event, bytes) => {
          this.#events += needed.takeUnread();
          appender.addUnread(event, bytes, this.#events);
        };
      }
      for await (const batch of batches) {
        this.#events += needed?.takeUnread() ?? 0;
        for (const event of batch) {
          if (needed === undefined || needed.keeps(event)) this.#load(event, appender);
          else {
            this.#touchGroup(event.logGroup, event.timestamp);
            this.#events += 1;
          }
        }
        await appender.compress();
      }
      this.#events += needed?.takeUnread() ?? 0;
      for (const [logGroup, { firstEpochMs }] of needed?.unread ?? []) {
        this.#touchGroup(logGroup, firstEpochMs);
      }
    });
  }

  /**
   * Adds events to existing streams; groups do not become older.
   *
   * @throws RangeError for a time that is not a whole number of milliseconds since 1970
   */
  async put(events: readonly LogEvent[]): Promise<void> {
    await this.#append(async (appender) => {
      for (const event of events) this.#add(event, appender, true);
    });
  }

  createLogGroup(logGroup: string, createdEpochMs: number): void {
    checkTime('createdEpochMs', createdEpochMs);
    const { streams = new Map(), storedBytes = 0 } = this.#groups.get(logGroup) ?? {};
    this.#groups.set(logGroup, { createdEpochMs, isExplicit: true, storedBytes, streams });
  }

  /** The group must exist. */
  createLogStream(logGroup: string, logStream: string, createdEpochMs: number): void {
    checkTime('createdEpochMs', createdEpochMs);
    this.#groups.get(logGroup)?.streams.set(logStream.toWellFormed(), createdEpochMs);
  }

  /** Removes a group with its streams and events. */
  async deleteLogGroup(logGroup: string): Promise<void> {
    this.#groups.delete(logGroup);
    const where = `log = ${sqlString(logOf(logGroup))}`;
    await this.#write(() => this.#writer.run(`DELETE FROM events WHERE ${where}`));
  }

  has(logGroup: string): boolean {
    return this.#groups.has(logGroup);
  }

  hasStream(logGroup: string, logStream: string): boolean {
    return this.#groups.get(logGroup)?.streams.has(logStream.toWellFormed()) ?? false;
  }

  /** SQL for the events of groups in `[startEpochMs, endEpochMs]` that are visible by then. */
  condition(
    logGroups: readonly string[],
    {
      startEpochMs,
      endEpochMs,
      nowEpochMs,
    }: { readonly startEpochMs: number; readonly endEpochMs: number; readonly nowEpochMs: number },
  ): string {
    const logs = logGroups.map((name) => sqlString(logOf(name)));
    const conditions = [
      `log IN (${logs.join(', ')})`,
      `ts BETWEEN ${startEpochMs} AND ${endEpochMs}`,
      `visible <= ${Math.floor(nowEpochMs)}`,
    ];
    // AWS: events from before the group's creation cannot be queried.
    for (const name of logGroups) {
      const group = this.#groups.get(name);
      if (group?.isExplicit && group.createdEpochMs > startEpochMs) {
        conditions.push(`(log <> ${sqlString(logOf(name))} OR ts >= ${group.createdEpochMs})`);
      }
    }
    return conditions.join(' AND ');
  }

  /** Ordered by name. */
  logGroups(): LogGroupInfo[] {
    return [...this.#groups]
      .map(([logGroup, { createdEpochMs, storedBytes }]) => ({
        logGroup,
        createdEpochMs,
        storedBytes,
      }))
      .toSorted((a, b) => (a.logGroup < b.logGroup ? -1 : 1));
  }

  /** Ordered by name. */
  async logStreams(logGroup: string): Promise<LogStreamInfo[]> {
    const rows = await this.rows(
      `SELECT ls, min(ts), max(ts), max(visible), sum(bytes) FROM events ` +
        `WHERE log = ${sqlString(logOf(logGroup))} GROUP BY ls ORDER BY ls`,
    );
    const streams = this.#groups.get(logGroup)?.streams ?? new Map<string, undefined>();
    const withEvents = rows.map(([name, first, last, lastIngestion, bytes]) => ({
      logStream: String(name),
      createdEpochMs: streams.get(String(name)) ?? Number(first),
      firstEventEpochMs: Number(first),
      lastEventEpochMs: Number(last),
      lastIngestionEpochMs: Number(lastIngestion),
      storedBytes: Number(bytes),
    }));
    const filled = new Set(withEvents.map(({ logStream }) => logStream));
    const empty = [...streams]
      .filter(([logStream]) => !filled.has(logStream))
      .map(([logStream, createdEpochMs = 0]) => ({ logStream, createdEpochMs, storedBytes: 0 }));
    return [...withEvents, ...empty].toSorted((a, b) => (a.logStream < b.logStream ? -1 : 1));
  }

  /**
   * Changes the ingestion time of the events of one stream and time.
   *
   * @returns their messages
   */
  async setIngestion(
    { logGroup, logStream, timestamp }: Pick<LogEvent, 'logGroup' | 'logStream' | 'timestamp'>,
    ingestionEpochMs: number,
  ): Promise<string[]> {
    checkTime('ingestionEpochMs', ingestionEpochMs);
    const place =
      `log = ${sqlString(logOf(logGroup))} AND ls = ${sqlString(logStream.toWellFormed())} ` +
      `AND ts = ${Math.floor(timestamp)}`;
    const set = `ing = ${ingestionEpochMs}, visible = ${ingestionEpochMs}`;
    await this.#write(() => this.#writer.run(`UPDATE events SET ${set} WHERE ${place}`));
    const rows = await this.rows(`SELECT msg FROM events WHERE ${place}`);
    return rows.map(([message]) => String(message));
  }

  /** The number of a group's events ingested in a span, and the bytes of their messages. */
  async ingested(
    logGroup: string,
    { startEpochMs, endEpochMs }: IngestionSpan,
  ): Promise<{ readonly events: number; readonly bytes: number }> {
    const [counted = []] = await this.rows(
      `SELECT count(*), coalesce(sum(bytes), 0) FROM events ` +
        `WHERE log = ${sqlString(logOf(logGroup))} ` +
        `AND visible >= ${Math.ceil(startEpochMs)} AND visible < ${Math.ceil(endEpochMs)}`,
    );
    return { events: Number(counted[0]), bytes: Number(counted[1]) };
  }

  /** From the first to the last ingestion time of all groups; undefined without events. */
  async ingestionSpan(): Promise<IngestionSpan | undefined> {
    const [span = []] = await this.rows(
      'SELECT min(visible), max(visible) + 1 FROM events WHERE NOT was_put',
    );
    const [start, end] = span;
    if (start === null || end === null) return undefined;
    return { startEpochMs: Number(start), endEpochMs: Number(end) };
  }

  async rows(sql: string): Promise<DuckDBValue[][]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRows();
  }

  /** Runs a write after those before it, whether they succeeded or not. */
  #write<Result>(write: () => Promise<Result>): Promise<Result> {
    const done = this.#writes.then(write);
    this.#writes = done.catch(() => undefined);
    return done;
  }

  /** As many as DuckDB wants, once there is work for them; see rowGroupEvents. */
  async #useThreads(): Promise<void> {
    if (this.#hasThreads || this.#events <= rowGroupEvents) return;
    this.#hasThreads = true;
    await this.#writer.run('RESET threads');
  }

  /** @returns how many events there are now more than before */
  #append(fill: (appender: EventAppender) => Promise<void>): Promise<number> {
    return this.#write(async () => {
      const eventsBefore = this.#events;
      const appender = await EventAppender.open(this.#writer, this.#table);
      try {
        await fill(appender);
      } finally {
        appender.close();
      }
      await this.#useThreads();
      return this.#events - eventsBefore;
    });
  }

  #load(event: LogEvent, appender: EventAppender): void {
    const { streams } = this.#touchGroup(event.logGroup, event.timestamp);
    const stream = event.logStream.toWellFormed();
    if (!streams.has(stream)) streams.set(stream, undefined);
    this.#add(event, appender, false);
  }

  #add(event: LogEvent, appender: EventAppender, wasPut: boolean): void {
    const bytes = appender.add(event, this.#events + 1, wasPut);
    this.#events += 1;
    const group = this.#groups.get(event.logGroup);
    if (group !== undefined) group.storedBytes += bytes;
  }

  /** Creates the group of an event if it is missing. */
  #touchGroup(logGroup: string, timestamp: number): Group {
    checkTime('timestamp', timestamp);
    let group = this.#groups.get(logGroup);
    if (group === undefined) {
      group = {
        ...{ createdEpochMs: timestamp, isExplicit: false },
        ...{ storedBytes: 0, streams: new Map() },
      };
      this.#groups.set(logGroup, group);
    } else if (!group.isExplicit && timestamp < group.createdEpochMs) {
      group.createdEpochMs = timestamp;
    }
    return group;
  }
}

/**
 * What DuckDB would try to improve in a query, and where it costs more than it saves:
 * - `late_materialization` inlines columns that are made of columns, at worst exponentially.
 * - `expression_rewriter` compiles each regular expression once more, to see whether a simpler function
 *   would do: a third of the time that the pack's query takes over the events of some minutes.
 */
const disabledOptimizers = ['late_materialization', 'expression_rewriter'];

/**
 * DuckDB's threads take whole row groups. With only one to read, a second thread does nothing but
 * compile every regular expression for itself.
 */
const rowGroupEvents = 122_880;
