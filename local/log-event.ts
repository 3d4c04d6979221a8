import { localPlace } from './aws-place.ts';

/** One event of a CloudWatch log group, as the readers yield it and the engine stores it. */
export interface LogEvent {
  readonly logGroup: string;
  readonly logStream: string;
  /** Event time in epoch milliseconds. */
  readonly timestamp: number;
  /**
   * When CloudWatch Logs received it, in epoch milliseconds.
   *
   * @default - the event is visible from its timestamp on, and its lag is not counted
   */
  readonly ingestionTime?: number;
  readonly message: string;
}

/** `@log` of a local group's events. */
export function logOf(logGroup: string): string {
  return `${localPlace.accountId}:${logGroup.toWellFormed()}`;
}

/** What is known of several events together. */
export interface EventTotals {
  readonly count: number;
  /** The length of their messages in UTF-8. */
  readonly textBytes: number;
  /** In epoch milliseconds. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  /** 0 if none has a time of ingestion. */
  readonly lastIngestionEpochMs: number;
  /** The latest time of ingestion; that of the event, for one without. */
  readonly lastVisibleEpochMs: number;
}
