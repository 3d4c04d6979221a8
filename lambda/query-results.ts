import {
  GetQueryResultsCommand,
  type GetQueryResultsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { type AwsErrorKind, classifyAwsError } from './aws-errors.ts';
import { callAws, callTimeoutMs } from './call-aws.ts';
import { describeError } from './log.ts';
import type { QueryShell, ResultRow } from './query.ts';
import { type Backoff, backoffMs, retryUntil } from './retry.ts';
import type { Deadline } from './time.ts';

/** The first poll comes within 100 ms; one window's query takes about a second or two. */
const pollBackoff: Backoff = { firstMs: 100, factor: 1.5, maxMs: 5_000 };

/** The query has not ended yet; whatever rows it shows are partial. */
class QueryPendingError extends Error {
  override readonly name = 'QueryPendingError';
}

const endStatuses: ReadonlySet<string | undefined> = new Set([
  'Complete',
  'Failed',
  'Cancelled',
  'Timeout',
]);

/** Reading results is free and changes nothing: any passing trouble is worth another poll. */
const passingTroubles: ReadonlySet<AwsErrorKind> = new Set([
  'throttled',
  'unavailable',
  'lost-answer',
]);

/**
 * Polls a query until it has one of the four statuses that end it, and returns that answer's first
 * page.
 *
 * @param seen is kept up to date with what the query has scanned
 * @throws DeadlineError, or the error of a poll that is not worth repeating
 */
export async function pollUntilEnded(
  shell: QueryShell,
  queryId: string,
  deadline: Deadline,
  seen: { bytesScanned: number },
): Promise<GetQueryResultsResponse> {
  const command = new GetQueryResultsCommand({ queryId });
  await shell.timer.sleep(backoffMs(pollBackoff, 1, shell.random()));
  return retryUntil(
    async () => {
      const page = await shell.logs.send(command, { requestTimeout: callTimeoutMs(deadline) });
      seen.bytesScanned = page.statistics?.bytesScanned ?? seen.bytesScanned;
      if (!endStatuses.has(page.status)) {
        throw new QueryPendingError(`query ${queryId} has status ${page.status}`);
      }
      return page;
    },
    shell,
    {
      deadline,
      backoff: pollBackoff,
      worthRetrying: (error) =>
        error instanceof QueryPendingError || passingTroubles.has(classifyAwsError(error)),
      onRetry: (error, waitMs) => {
        if (!(error instanceof QueryPendingError)) {
          const details = { waitMs: Math.round(waitMs), error: describeError(error) };
          shell.log('warn', 'call-retried', { operation: 'GetQueryResults', ...details });
        }
      },
    },
  );
}

/** All rows of a complete query: a page holds 10,000 at the most. */
export async function readAllPages(
  shell: QueryShell,
  queryId: string,
  firstPage: GetQueryResultsResponse,
  deadline: Deadline,
): Promise<ResultRow[]> {
  const rows: ResultRow[] = [...(firstPage.results ?? [])];
  for (let { nextToken } = firstPage; nextToken !== undefined; ) {
    const command = new GetQueryResultsCommand({ queryId, nextToken });
    const page = await callAws(
      'GetQueryResults',
      (options) => shell.logs.send(command, options),
      shell,
      deadline,
      Number.POSITIVE_INFINITY,
    );
    rows.push(...(page.results ?? []));
    nextToken = page.nextToken;
  }
  return rows;
}
