import type { EngineResult } from '../../insights-engine/engine-types.ts';

/** A response of GetQueryResults. */
interface QueryResults {
  readonly queryLanguage: 'CWLI';
  readonly results: EngineResult['rows'];
  readonly statistics: Readonly<Record<string, number>>;
  readonly status: string;
}

/** An engine result as a GetQueryResults response with all rows on one page. */
export function queryResults(status: string, result?: EngineResult): QueryResults {
  return {
    queryLanguage: 'CWLI',
    results: result?.rows ?? [],
    statistics: {
      recordsMatched: result?.statistics.recordsMatched ?? 0,
      recordsScanned: result?.statistics.recordsScanned ?? 0,
      estimatedRecordsSkipped: 0,
      bytesScanned: result?.statistics.bytesScanned ?? 0,
      estimatedBytesSkipped: 0,
      logGroupsScanned: result?.statistics.logGroupsScanned ?? 0,
    },
    status,
  };
}
