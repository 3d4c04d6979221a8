import type {
  EngineQuery,
  EngineResult,
  EventPage,
  EventSelection,
  IngestionSpan,
  LogGroupInfo,
  LogStreamInfo,
} from '../../insights-engine/engine-types.ts';
import type { LogEvent } from '../../log-event.ts';

/** What the Logs endpoints need from a query engine; the embedded Insights engine implements it. */
export interface QueryEngine {
  /**
   * Runs one query to completion.
   *
   * @throws QueryError when the text is rejected, UnknownLogGroupError when a group does not
   *   exist
   */
  run(query: EngineQuery): Promise<EngineResult>;
  logGroups(): Promise<readonly LogGroupInfo[]>;
  logStreams(logGroup: string): Promise<readonly LogStreamInfo[]>;
  countIngested(logGroup: string, span: IngestionSpan): Promise<number>;
  ingestionSpan(): Promise<IngestionSpan | undefined>;
}

/** An engine that also adds and lists single events; the embedded one implements it too. */
export interface EventStoreEngine extends QueryEngine {
  /** Creates a group, or changes its creation time. */
  createLogGroup(logGroup: string, createdEpochMs: number): Promise<void>;
  createLogStream(logGroup: string, logStream: string, createdEpochMs: number): Promise<void>;
  hasLogStream(logGroup: string, logStream: string): Promise<boolean>;
  deleteLogGroup(logGroup: string): Promise<void>;
  /** Adds events to existing streams. */
  putEvents(events: readonly LogEvent[]): Promise<void>;
  readEvents(selection: EventSelection): Promise<EventPage>;
  bytesIngested(logGroup: string, span: IngestionSpan): Promise<number>;
}

export function isEventStoreEngine(engine: QueryEngine): engine is EventStoreEngine {
  return 'putEvents' in engine;
}
