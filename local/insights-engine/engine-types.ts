import type { EndTimeReading } from './end-time.ts';

/** What StartQuery asks of the engine. */
export interface EngineQuery {
  readonly queryString: string;
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
   * Rows at the most.
   *
   * @default 10000
   */
  readonly limit?: number;
  /** What now() answers; events that were ingested later are not there yet. */
  readonly nowEpochMs: number;
}

/** One cell; a field that the event does not have is left out of its row, as on AWS. */
export interface ResultField {
  readonly field: string;
  readonly value: string;
}

/** Statistics of a query, with the meanings of GetQueryResults. */
export interface QueryStatistics {
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  readonly bytesScanned: number;
  readonly logGroupsScanned: number;
}

export interface EngineResult {
  readonly rows: readonly (readonly ResultField[])[];
  readonly statistics: QueryStatistics;
  /** Sentences for a person: a sort key that does not exist was dropped, and the like. */
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
  /** Undefined, as the two below, while the stream has no events. */
  readonly firstEventEpochMs?: number;
  readonly lastEventEpochMs?: number;
  readonly lastIngestionEpochMs?: number;
  readonly storedBytes: number;
}

/** Events of one group as FilterLogEvents and GetLogEvents choose them. */
export interface EventSelection {
  readonly logGroup: string;
  /** @default - all streams */
  readonly logStreams?: readonly string[];
  /** Streams whose names begin so. */
  readonly logStreamPrefix?: string;
  /** Both ends inclusive. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  /** Events that were ingested later are not there yet. */
  readonly nowEpochMs: number;
  /** @default - every message */
  readonly terms?: MessageTerms;
  /** Where the events begin: the first of them is the next one in the order asked for. */
  readonly after?: EventPosition;
  /** From the last event to the first. */
  readonly descending: boolean;
  readonly maxEvents: number;
  /** Bytes of messages at the most; one event comes even if it is larger. */
  readonly maxBytes: number;
}

/** Parts of a message, upper and lower case told apart. */
export interface MessageTerms {
  /** All of these are in the message. */
  readonly all: readonly string[];
  /** One of these is, unless there are none. */
  readonly any: readonly string[];
  /** None of these is. */
  readonly none: readonly string[];
}

/** The place of an event in the order of time, ingestion and arrival. */
export interface EventPosition {
  readonly timestamp: number;
  readonly ingestionTime: number;
  /** Unique in a store, and in the order in which events arrived. */
  readonly sequence: number;
}

export interface StoredEvent extends EventPosition {
  readonly logStream: string;
  readonly message: string;
}

/** One page of events; `hasMore` says whether there are more after its last one. */
export interface EventPage {
  readonly events: readonly StoredEvent[];
  readonly hasMore: boolean;
}
