import { z } from 'zod';
import type { EngineResult } from '../../insights-engine/engine-types.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation } from '../protocol/operation.ts';
import { pageOf } from './page.ts';
import type { QueriesContext } from './query-store.ts';

const maxPageRows = 10_000;

const input = z.object({
  queryId: z.string().min(1).max(256),
  maxItems: z.int().min(1).max(maxPageRows).default(maxPageRows),
  nextToken: z.string().min(1).optional(),
});

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
 *
 * A running query has no rows, while AWS may already return some.
 */
export const getQueryResults = defineOperation(
  'GetQueryResults',
  'InvalidParameterException',
  input,
  ({ queryId, maxItems, nextToken }, { queries }: QueriesContext) => {
    const state = queries.get(queryId);
    if (!state) throw new AwsError('ResourceNotFoundException', `there is no query ${queryId}`);
    if (state.status !== 'Complete') return queryResults(state.status);

    const page = pageOf(state.result.rows, maxItems, nextToken);
    return { ...queryResults('Complete', state.result), results: page.items, ...page.next };
  },
);

/** A response of GetQueryResults. */
export interface QueryResults {
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
