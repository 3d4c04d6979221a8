import type {
  EngineQuery,
  EngineResult,
  IngestionSpan,
  LogGroupInfo,
  LogStreamInfo,
} from '../insights-engine/engine-types.ts';

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
