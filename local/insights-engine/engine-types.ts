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
  readonly firstEventEpochMs: number;
  readonly lastEventEpochMs: number;
  readonly lastIngestionEpochMs: number;
  readonly storedBytes: number;
}
