import { parseQuery } from '../../query-language/parser/parse-query.ts';
import type { Query } from '../../query-language/syntax/ast.ts';
import { QueryError } from '../../query-language/syntax/query-error.ts';
import { type LogEvent, logOf } from '../log-event.ts';
import { maxLimit } from './commands/row-commands.ts';
import {
  type EngineQuery,
  type EngineResult,
  type EventPage,
  type EventPosition,
  type EventSelection,
  endEpochMsOf,
  type IngestionSpan,
  type LogGroupInfo,
  type LogStreamInfo,
  type MessageTerms,
  type ResultField,
  UnknownLogGroupError,
} from './engine-types.ts';
import { explainFailure } from './explain-failure.ts';
import { sqlString } from './sql/values.ts';
import { EventStore } from './store.ts';
import { type TranslatedQuery, translate } from './translate.ts';

/**
 * One page of a group's events, ordered by time, ingestion and arrival, regardless of the group's
 * age.
 */
async function readEvents(store: EventStore, selection: EventSelection): Promise<EventPage> {
  const { descending, maxEvents } = selection;
  const direction = descending ? 'DESC' : 'ASC';
  const chosen =
    `FROM events WHERE ${conditionsOf(selection).join(' AND ')} ` +
    `ORDER BY ts ${direction}, visible ${direction}, rid ${direction}`;

  // Read sizes first, then only the messages that fit.
  const sizes = await store.rows(`SELECT bytes ${chosen} LIMIT ${maxEvents + 1}`);
  const count = fitting(
    sizes.slice(0, maxEvents).map(([bytes]) => Number(bytes)),
    selection.maxBytes,
  );
  if (count === 0) return { events: [], hasMore: false };
  const rows = await store.rows(`SELECT ts, visible, rid, ls, msg ${chosen} LIMIT ${count}`);
  return {
    events: rows.map(([timestamp, ingestionTime, sequence, logStream, message]) => ({
      timestamp: Number(timestamp),
      ingestionTime: Number(ingestionTime),
      sequence: Number(sequence),
      logStream: String(logStream),
      message: String(message),
    })),
    hasMore: sizes.length > count,
  };
}

/** The number of events that fit into the byte limit; at least one. */
function fitting(sizes: readonly number[], maxBytes: number): number {
  let total = 0;
  const tooMany = sizes.findIndex((bytes) => {
    total += bytes;
    return total > maxBytes;
  });
  return tooMany === -1 ? sizes.length : Math.max(tooMany, 1);
}

function conditionsOf(selection: EventSelection): string[] {
  const { logGroup, logStreams, logStreamPrefix, terms, after, descending } = selection;
  return [
    `log = ${sqlString(logOf(logGroup))}`,
    `ts BETWEEN ${Math.ceil(selection.firstEpochMs)} AND ${Math.floor(selection.lastEpochMs)}`,
    `visible <= ${Math.floor(selection.nowEpochMs)}`,
    ...(logStreams === undefined ? [] : [`ls IN (${logStreams.map(textOf).join(', ')})`]),
    ...(logStreamPrefix === undefined ? [] : [`starts_with(ls, ${textOf(logStreamPrefix)})`]),
    ...(terms === undefined ? [] : termConditions(terms)),
    ...(after === undefined ? [] : [`(ts, visible, rid) ${descending ? '<' : '>'} ${key(after)}`]),
  ];
}

function termConditions({ all, any, none }: MessageTerms): string[] {
  return [
    ...all.map(contains),
    ...(any.length === 0 ? [] : [`(${any.map(contains).join(' OR ')})`]),
    ...none.map((term) => `NOT ${contains(term)}`),
  ];
}

function contains(term: string): string {
  return `contains(msg, ${textOf(term)})`;
}

function key({ timestamp, ingestionTime, sequence }: EventPosition): string {
  return `(${timestamp}, ${ingestionTime}, ${sequence})`;
}

function textOf(text: string): string {
  return sqlString(text.toWellFormed());
}

/** Maximum number of rows when neither StartQuery nor the query sets one. */
const defaultLimit = 10_000;

/** CloudWatch Logs Insights over events in memory. */
export class InsightsEngine {
  readonly #store: EventStore;

  private constructor(store: EventStore) {
    this.#store = store;
  }

  static async open(): Promise<InsightsEngine> {
    return new InsightsEngine(await EventStore.open());
  }

  close(): void {
    this.#store.close();
  }

  /**
   * Adds events, before or after queries. A log group that does not exist is created, as old as its
   * oldest event.
   *
   * @throws RangeError for a time that is not a whole number of epoch milliseconds.
   */
  async load(
    events: Iterable<LogEvent> | AsyncIterable<LogEvent>,
  ): Promise<{ readonly events: number }> {
    return { events: await this.#store.load(events) };
  }

  /** Creates a group, or changes its creation time: older events of it cannot be queried. */
  async createLogGroup(name: string, createdEpochMs: number): Promise<void> {
    this.#store.createLogGroup(name, createdEpochMs);
  }

  /** @throws UnknownLogGroupError */
  async createLogStream(logGroup: string, name: string, createdEpochMs: number): Promise<void> {
    this.#checkGroups([logGroup]);
    this.#store.createLogStream(logGroup, name, createdEpochMs);
  }

  async hasLogStream(logGroup: string, name: string): Promise<boolean> {
    return this.#store.hasStream(logGroup, name);
  }

  /** Removes a group with its streams and events. @throws UnknownLogGroupError */
  async deleteLogGroup(logGroup: string): Promise<void> {
    this.#checkGroups([logGroup]);
    await this.#store.deleteLogGroup(logGroup);
  }

  /**
   * Adds events to existing streams; unlike {@link load}, older events do not make a group older.
   *
   * @throws RangeError for a time that is not a whole number of epoch milliseconds
   */
  async putEvents(events: readonly LogEvent[]): Promise<void> {
    await this.#store.put(events);
  }

  /** @throws UnknownLogGroupError */
  async readEvents(selection: EventSelection): Promise<EventPage> {
    this.#checkGroups([selection.logGroup]);
    return readEvents(this.#store, selection);
  }

  async logGroups(): Promise<LogGroupInfo[]> {
    return this.#store.logGroups();
  }

  /** @throws UnknownLogGroupError */
  async logStreams(logGroup: string): Promise<LogStreamInfo[]> {
    this.#checkGroups([logGroup]);
    return this.#store.logStreams(logGroup);
  }

  /**
   * Changes the ingestion time of the events of one stream and time; queries do not see them before
   * it.
   *
   * @returns their messages
   * @throws RangeError for a time that is not a whole number of epoch milliseconds
   */
  async setIngestion(
    place: Pick<LogEvent, 'logGroup' | 'logStream' | 'timestamp'>,
    ingestionEpochMs: number,
  ): Promise<string[]> {
    return this.#store.setIngestion(place, ingestionEpochMs);
  }

  /** The number of a group's events ingested within a span. */
  async countIngested(logGroup: string, span: IngestionSpan): Promise<number> {
    return (await this.#store.ingested(logGroup, span)).events;
  }

  /** The bytes of a group's messages ingested within a span. */
  async bytesIngested(logGroup: string, span: IngestionSpan): Promise<number> {
    return (await this.#store.ingested(logGroup, span)).bytes;
  }

  /** The ingestion times of all loaded events; undefined when none were loaded. */
  async ingestionSpan(): Promise<IngestionSpan | undefined> {
    return this.#store.ingestionSpan();
  }

  /**
   * Runs a query to completion.
   *
   * @throws QueryError for a query that Logs Insights rejects or that is not supported here.
   * @throws UnknownLogGroupError
   */
  async run(engineQuery: EngineQuery): Promise<EngineResult> {
    const { queryString, charactersMax } = engineQuery;
    const query = parseQuery(queryString.toWellFormed(), charactersMax);
    const { logGroups, startEpochMs, endEpochMs } = whatToRead(query, engineQuery);
    this.#checkGroups(logGroups);
    const { nowEpochMs } = engineQuery;
    const condition = this.#store.condition(logGroups, { startEpochMs, endEpochMs, nowEpochMs });
    const limit = Math.min(engineQuery.limit ?? defaultLimitOf(query), maxLimit);
    const translated = translate(query, { condition, nowEpochMs, startEpochMs, endEpochMs, limit });
    try {
      return await this.#answer(translated, condition, logGroups.length);
    } catch (error) {
      throw await explainFailure(error, query, this.#store);
    }
  }

  async #answer(
    translated: TranslatedQuery,
    condition: string,
    logGroupsScanned: number,
  ): Promise<EngineResult> {
    const { columns, warnings } = translated;
    const rows = await this.#store.rows(translated.sql);
    // AWS does not document exactly what it counts as bytes of an event: here, its message in
    // UTF-8.
    const [scanned = []] = await this.#store.rows(
      `SELECT count(*), coalesce(sum(bytes), 0) FROM events WHERE ${condition}`,
    );
    const recordsScanned = Number(scanned[0]);
    return {
      // A row in which every aggregate is missing is not a match.
      rows: rows.map((row) => cellsOf(row, columns)).filter((cells) => cells.length > 0),
      statistics: {
        recordsMatched: await this.#countMatched(translated, rows, recordsScanned),
        recordsScanned,
        bytesScanned: Number(scanned[1]),
        logGroupsScanned,
      },
      warnings,
    };
  }

  async #countMatched(
    translated: TranslatedQuery,
    rows: readonly (readonly unknown[])[],
    recordsScanned: number,
  ): Promise<number> {
    const { matched, emptyMeansNone, columns, limit, countSql } = translated;
    const [first] = rows;
    if (matched === 'all') return recordsScanned;
    if (matched === 'rows' && rows.length < limit) return rows.length;
    if (matched === 'column' && first !== undefined) return Number(first[columns.length]);
    if (matched === 'column' && emptyMeansNone && limit > 0) return 0;
    const [counted = []] = await this.#store.rows(countSql);
    return Number(counted[0]);
  }

  #checkGroups(logGroups: readonly string[]): void {
    for (const logGroup of logGroups) {
      if (!this.#store.has(logGroup)) throw new UnknownLogGroupError(logGroup);
    }
  }
}

/** A query's own limit replaces the default. */
function defaultLimitOf({ commands }: Query): number {
  return commands.some(({ kind }) => kind === 'limit') ? maxLimit : defaultLimit;
}

/** The groups and the time range; from SOURCE if the query has one. */
function whatToRead(query: Query, engineQuery: EngineQuery) {
  const [source] = query.commands.filter((command) => command.kind === 'source');
  const named = source?.logGroups.map(({ value }) => value) ?? engineQuery.logGroups ?? [];
  if (named.length === 0) {
    const span = { start: 0, end: query.text.length };
    throw new QueryError('the query names no log group, and none was given', span);
  }
  return {
    logGroups: [...new Set(named)],
    startEpochMs: source?.startEpochMs ?? engineQuery.startEpochSeconds * 1000,
    endEpochMs:
      source?.endEpochMs ?? endEpochMsOf(engineQuery.endEpochSeconds, engineQuery.endTime),
  };
}

/** A row without its missing values, which AWS omits. */
function cellsOf(row: readonly unknown[], columns: readonly string[]): readonly ResultField[] {
  const cells: ResultField[] = [];
  columns.forEach((field, at) => {
    const value = row[at];
    if (typeof value === 'string') cells.push({ field, value });
  });
  return cells;
}
