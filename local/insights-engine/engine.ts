import { parseQuery } from '../../query-language/parser/parse-query.ts';
import type { Query } from '../../query-language/syntax/ast.ts';
import { QueryError } from '../../query-language/syntax/query-error.ts';
import type { LogEvent } from '../log-event.ts';
import { maxLimit } from './commands/row-commands.ts';
import {
  type EngineQuery,
  type EngineResult,
  type EventPage,
  type EventSelection,
  endEpochMsOf,
  type IngestionSpan,
  type LogGroupInfo,
  type LogStreamInfo,
  type ResultField,
  UnknownLogGroupError,
} from './engine-types.ts';
import { explainFailure } from './explain-failure.ts';
import {
  type EventNeeds,
  type EventTally,
  type ForeseenRange,
  NeededEvents,
} from './needed-events.ts';
import { readEvents } from './read-events.ts';
import { EventStore } from './store.ts';
import { type TranslatedQuery, translate } from './translate.ts';

/** Maximum number of rows when neither StartQuery nor the query sets one. */
const defaultLimit = 10_000;

/** The one query that an engine answers, and the events that it needs. */
interface OnlyQuery {
  readonly text: string;
  readonly needed: NeededEvents;
}

/** CloudWatch Logs Insights over events in memory. */
export class InsightsEngine {
  readonly #store: EventStore;
  readonly #only: OnlyQuery | undefined;

  private constructor(store: EventStore, only?: OnlyQuery) {
    this.#store = store;
    this.#only = only;
  }

  static async open(): Promise<InsightsEngine> {
    return new InsightsEngine(await EventStore.open());
  }

  /**
   * An engine that keeps only what one query needs of the events that it loads, and answers as one that keeps all of
   * them.
   *
   * @param range what is known of the time range before the events are loaded
   * @throws QueryError as {@link run} does
   */
  static async openFor(text: string, range: ForeseenRange): Promise<InsightsEngine> {
    const needs = needsOf(text, range);
    const store = await EventStore.open({ columns: needs.optionalColumns, isCompressed: true });
    return new InsightsEngine(store, { text, needed: new NeededEvents(needs) });
  }

  close(): void {
    this.#store.close();
  }

  /** For an engine that answers one query: the events that it needs. */
  get needed(): NeededEvents | undefined {
    return this.#only?.needed;
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

  /** Like {@link load}, faster, and without what an engine for one query does not need. */
  async loadBatches(
    batches: AsyncIterable<readonly LogEvent[]>,
  ): Promise<{ readonly events: number }> {
    return { events: await this.#store.loadBatches(batches, this.#only?.needed) };
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
    if (this.#only !== undefined && queryString !== this.#only.text) {
      throw new RangeError(`the events were loaded for another query: ${this.#only.text}`);
    }
    const { nowEpochMs } = engineQuery;
    const times = { startEpochMs, endEpochMs, nowEpochMs };
    const passedOver = this.#only?.needed.passedOver(times) ?? { records: 0, bytes: 0 };
    const condition = this.#store.condition(logGroups, times);
    const limit = Math.min(engineQuery.limit ?? defaultLimitOf(query), maxLimit);
    const translated = translate(query, { condition, nowEpochMs, startEpochMs, endEpochMs, limit });
    try {
      return await this.#answer(translated, condition, passedOver, logGroups.length);
    } catch (error) {
      throw await explainFailure(error, query, this.#store);
    }
  }

  async #answer(
    translated: TranslatedQuery,
    condition: string,
    passedOver: EventTally,
    logGroupsScanned: number,
  ): Promise<EngineResult> {
    const { columns, warnings } = translated;
    const rows = await this.#store.rows(translated.sql);
    // AWS does not document exactly what it counts as bytes of an event: here, its message in
    // UTF-8.
    const [scanned = []] = await this.#store.rows(
      `SELECT count(*), coalesce(sum(bytes), 0) FROM events WHERE ${condition}`,
    );
    const recordsScanned = Number(scanned[0]) + passedOver.records;
    return {
      // A row in which every aggregate is missing is not a match.
      rows: rows.map((row) => cellsOf(row, columns)).filter((cells) => cells.length > 0),
      statistics: {
        recordsMatched: await this.#countMatched(translated, rows, recordsScanned),
        recordsScanned,
        bytesScanned: Number(scanned[1]) + passedOver.bytes,
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

/** What a query needs of the events, without those that it was translated for. */
function needsOf(text: string, range: ForeseenRange): EventNeeds {
  const query = parseQuery(text.toWellFormed());
  const [source] = query.commands.filter((command) => command.kind === 'source');
  const { optionalColumns, requiredStrings } = translate(query, {
    ...{ condition: 'true', nowEpochMs: 0, startEpochMs: 0, endEpochMs: 0, limit: maxLimit },
  });
  return {
    ...{ optionalColumns, requiredStrings },
    logGroups: source?.logGroups.map(({ value }) => value),
    range: {
      ...range,
      ...(source?.startEpochMs !== undefined && {
        firstEpochMs: source.startEpochMs,
        isExact: true,
      }),
      ...(source?.endEpochMs !== undefined && { lastEpochMs: source.endEpochMs }),
    },
  };
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
