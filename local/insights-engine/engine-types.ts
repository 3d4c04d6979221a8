/**
 * How far StartQuery's `endTime` reaches, which AWS documents as inclusive and in seconds: `second`
 * covers the whole second, to its last millisecond; `millisecond` covers its first millisecond
 * only. AWS has confirmed the latter (https://github.com/aws/aws-sdk/issues/280) and announced a
 * change, so either may be true today.
 */
export type EndTimeReading = (typeof endTimeReadings)[number];

export const endTimeReadings = ['second', 'millisecond'] as const;

/** The last millisecond that a query reads, in epoch milliseconds. */
export function endEpochMsOf(endEpochSeconds: number, reading: EndTimeReading = 'second'): number {
  return endEpochSeconds * 1000 + (reading === 'second' ? 999 : 0);
}

/** A query as StartQuery passes it to the engine. */
export interface EngineQuery {
  readonly queryString: string;
  /**
   * Maximum length of the text.
   *
   * @default 10000, as for StartQuery
   */
  readonly charactersMax?: number;
  /** The groups to read; undefined when the text names them by SOURCE. */
  readonly logGroups?: readonly string[];
  /** First second read, inclusive. */
  readonly startEpochSeconds: number;
  /** Last second read, inclusive. */
  readonly endEpochSeconds: number;
  /**
   * How much of the last second is read.
   *
   * @default second
   */
  readonly endTime?: EndTimeReading;
  /**
   * Maximum number of rows.
   *
   * @default 10000
   */
  readonly limit?: number;
  /** The result of now(); events ingested later are not visible yet. */
  readonly nowEpochMs: number;
}

/** One cell; as on AWS, a row omits fields that the event does not have. */
export interface ResultField {
  readonly field: string;
  readonly value: string;
}

/** Statistics of a query, with the meanings of GetQueryResults. */
interface QueryStatistics {
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  readonly bytesScanned: number;
  readonly logGroupsScanned: number;
}

export interface EngineResult {
  readonly rows: readonly (readonly ResultField[])[];
  readonly statistics: QueryStatistics;
  /** Sentences for people, for example that a nonexistent sort key was dropped. */
  readonly warnings: readonly string[];
}

export interface LogGroupInfo {
  readonly logGroup: string;
  /** Epoch milliseconds. */
  readonly createdEpochMs: number;
  readonly storedBytes: number;
}

/** Epoch milliseconds, half-open. */
export interface IngestionSpan {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

export interface LogStreamInfo {
  readonly logStream: string;
  readonly createdEpochMs: number;
  /** Like the two below, undefined while the stream has no events. */
  readonly firstEventEpochMs?: number;
  readonly lastEventEpochMs?: number;
  readonly lastIngestionEpochMs?: number;
  readonly storedBytes: number;
}

/** A selection of one group's events for FilterLogEvents and GetLogEvents. */
export interface EventSelection {
  readonly logGroup: string;
  /** @default - all streams */
  readonly logStreams?: readonly string[];
  /** Selects streams by the start of their names. */
  readonly logStreamPrefix?: string;
  /** Both ends inclusive. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  /** Events ingested later are not visible yet. */
  readonly nowEpochMs: number;
  /** @default - every message */
  readonly terms?: MessageTerms;
  /** The position before the first event, in the requested order. */
  readonly after?: EventPosition;
  /** Whether the order is from the last event to the first. */
  readonly descending: boolean;
  readonly maxEvents: number;
  /** Maximum bytes of messages; a single event is returned even if it is larger. */
  readonly maxBytes: number;
}

/** Case-sensitive parts of a message. */
export interface MessageTerms {
  /** The message contains all of these. */
  readonly all: readonly string[];
  /** The message contains one of these, unless the list is empty. */
  readonly any: readonly string[];
  /** The message contains none of these. */
  readonly none: readonly string[];
}

/** The position of an event in the order of time, ingestion and arrival. */
export interface EventPosition {
  readonly timestamp: number;
  readonly ingestionTime: number;
  /** Unique in a store, in order of arrival. */
  readonly sequence: number;
}

export interface StoredEvent extends EventPosition {
  readonly logStream: string;
  readonly message: string;
}

/** One page of events; `hasMore` says whether more events follow. */
export interface EventPage {
  readonly events: readonly StoredEvent[];
  readonly hasMore: boolean;
}

/** A query or another operation names a log group that does not exist. */
export class UnknownLogGroupError extends Error {
  override readonly name = 'UnknownLogGroupError';
  readonly logGroup: string;

  constructor(logGroup: string) {
    super(`the log group ${logGroup} does not exist`);
    this.logGroup = logGroup;
  }
}
