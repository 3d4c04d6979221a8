import type {
  EngineQuery,
  EngineResult,
  EventPage,
  EventSelection,
  IngestionSpan,
  LogGroupInfo,
  LogStreamInfo,
} from '../insights-engine/engine-types.ts';
import type { LogEvent } from '../log-event.ts';

/** What the Logs endpoints need of a query engine; the embedded Insights engine is one. */
export interface QueryEngine {
  /**
   * Runs one query to its end.
   *
   * @throws QueryError when the text is refused, UnknownLogGroupError when a group does not exist
   */
  run(query: EngineQuery): Promise<EngineResult>;
  logGroups(): Promise<readonly LogGroupInfo[]>;
  logStreams(logGroup: string): Promise<readonly LogStreamInfo[]>;
  countIngested(logGroup: string, span: IngestionSpan): Promise<number>;
  ingestionSpan(): Promise<IngestionSpan | undefined>;
}

/** An engine whose events can be added to and read one by one; the embedded one is one, too. */
export interface EventStoreEngine extends QueryEngine {
  /** Creates a group, or sets when it was created. */
  createLogGroup(logGroup: string, createdEpochMs: number): Promise<void>;
  createLogStream(logGroup: string, logStream: string, createdEpochMs: number): Promise<void>;
  hasLogStream(logGroup: string, logStream: string): Promise<boolean>;
  deleteLogGroup(logGroup: string): Promise<void>;
  /** Adds events to streams that exist. */
  putEvents(events: readonly LogEvent[]): Promise<void>;
  readEvents(selection: EventSelection): Promise<EventPage>;
  bytesIngested(logGroup: string, span: IngestionSpan): Promise<number>;
}

export function isEventStoreEngine(engine: QueryEngine): engine is EventStoreEngine {
  return 'putEvents' in engine;
}
