import {
  GetQueryResultsCommand,
  type GetQueryResultsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { type AwsErrorKind, classifyAwsError } from '../aws/aws-errors.ts';
import { callAws, callTimeoutMs } from '../aws/call-aws.ts';
import { ResponseTooLargeError } from '../aws/response-limit.ts';
import { describeError } from '../common/log.ts';
import { type Backoff, backoffMs, retryUntil } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';
import type { QueryShell, RowSink } from './query.ts';

/** The first poll comes within 100 ms; one window's query takes about a second or two. */
const pollBackoff: Backoff = { firstMs: 100, factor: 1.5, maxMs: 5_000 };

/** The query has not ended yet; any rows that it shows are partial. */
export class QueryPendingError extends Error {
  override readonly name = 'QueryPendingError';
  /** As AWS writes it: `Scheduled`, `Running`, or one that is not documented yet. */
  readonly status: string | undefined;

  constructor(queryId: string, status: string | undefined) {
    super(`query ${queryId} has status ${status}`);
    this.status = status;
  }
}

const endStatuses: ReadonlySet<string | undefined> = new Set([
  'Complete',
  'Failed',
  'Cancelled',
  'Timeout',
]);

/** Reading results is free and changes nothing: any temporary failure is worth another poll. */
const passingTroubles: ReadonlySet<AwsErrorKind> = new Set([
  'throttled',
  'unavailable',
  'lost-answer',
]);

/**
 * Rows of a page. Ordinary rows take about 1 kB, so an answer of 10,000 rows is ten pages:
 * GetQueryResults allows 10 calls a second, shared by the account and Region.
 */
const pageRowsDefault = 1_000;
/** A page that is too large is read again with its rows divided by this: 1000, 125, 15, 1. */
const pageShrink = 8;
/** Pages of one answer, 20 s of the rate limit; the rest is left to a smaller slice. */
const pagesMax = 200;

function smallerPage(pageRows: number): number {
  return Math.max(1, Math.floor(pageRows / pageShrink));
}

/**
 * AWS documents a double. A fraction counts as a whole byte, and a value that is no size as
 * unknown: the ledger stores whole numbers only, so a slice with any other would be repeated for
 * ever.
 */
function wholeBytes(bytes: unknown): number | undefined {
  const whole = typeof bytes === 'number' ? Math.ceil(bytes) : Number.NaN;
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : undefined;
}

/** The first page of an ended query, and the number of rows that its pages may have. */
export type QueryEnd = GetQueryResultsResponse & { readonly pageRows: number };

/**
 * Polls a query until it has one of the four final statuses, and returns the first page of its
 * answer.
 *
 * @param seen is updated with the bytes that the query has scanned
 * @throws DeadlineError, or the error of a poll that is not worth repeating
 */
export async function pollUntilEnded(
  shell: QueryShell,
  queryId: string,
  deadline: Deadline,
  seen: { bytesScanned: number },
  pageRowsMax = pageRowsDefault,
): Promise<QueryEnd> {
  let pageRows = pageRowsMax;
  await shell.timer.sleep(backoffMs(pollBackoff, 1, shell.random()));
  return retryUntil(
    async () => {
      const command = new GetQueryResultsCommand({ queryId, maxItems: pageRows });
      const page = await shell.logs.send(command, { requestTimeout: callTimeoutMs(deadline) });
      seen.bytesScanned = wholeBytes(page.statistics?.bytesScanned) ?? seen.bytesScanned;
      if (!endStatuses.has(page.status)) {
        throw new QueryPendingError(queryId, page.status);
      }
      return { ...page, pageRows };
    },
    shell,
    {
      deadline,
      backoff: pollBackoff,
      worthRetrying: (error) => {
        if (error instanceof ResponseTooLargeError && pageRows > 1) {
          pageRows = smallerPage(pageRows);
          return true;
        }
        return error instanceof QueryPendingError || passingTroubles.has(classifyAwsError(error));
      },
      onRetry: (error, waitMs) => {
        if (!(error instanceof QueryPendingError)) {
          const details = { waitMs: Math.round(waitMs), error: describeError(error) };
          shell.log('warn', 'call-retried', { operation: 'GetQueryResults', ...details });
        }
      },
    },
  );
}

/**
 * Hands the rows of a complete query to a sink, page by page: only one page is in memory at once.
 *
 * After a page that is too large for one response, the reading starts again with smaller pages and
 * skips the rows that the sink has already taken. (AWS does not document that a token works with a
 * page size other than that of its first page.)
 *
 * @returns `isCutOff`: whether rows were left out, because the sink had enough, a single row is too
 *   large for a response, or there are too many pages
 */
export async function readPages(
  shell: QueryShell,
  queryId: string,
  { pageRows: firstRows, ...firstPage }: QueryEnd,
  deadline: Deadline,
  sink: RowSink,
): Promise<{ readonly isCutOff: boolean; readonly rowCount: number }> {
  let rowCount = 0;
  let pageRows = firstRows;
  let page: GetQueryResultsResponse | undefined = firstPage;
  let at = 0;
  for (let pages = 1; pages <= pagesMax; pages += 1) {
    const rows = rowsOf(page);
    // Without the rows that were taken before the reading started again.
    const fresh = rows.slice(Math.max(0, rowCount - at));
    at += rows.length;
    rowCount = Math.max(rowCount, at);
    if (sink.take(fresh) === 'enough') return { isCutOff: true, rowCount };
    const nextToken = page?.nextToken;
    if (nextToken === undefined) return { isCutOff: false, rowCount };
    page = await nextPage(nextToken);
    while (page === undefined) {
      if (pageRows === 1) {
        shell.log('error', 'row-too-large', { queryId, rowCount });
        return { isCutOff: true, rowCount };
      }
      pageRows = smallerPage(pageRows);
      shell.log('warn', 'page-too-large', { queryId, rowCount, pageRows });
      // Reading up to this row again would use up all allowed pages.
      if (rowCount / pageRows >= pagesMax) return { isCutOff: true, rowCount };
      at = 0;
      page = await nextPage(undefined);
    }
  }
  shell.log('warn', 'too-many-pages', { queryId, rowCount, pageRows });
  return { isCutOff: true, rowCount };

  async function nextPage(
    nextToken: string | undefined,
  ): Promise<GetQueryResultsResponse | undefined> {
    const command = new GetQueryResultsCommand({
      ...{ queryId, maxItems: pageRows },
      ...(nextToken !== undefined && { nextToken }),
    });
    try {
      return await callAws(
        'GetQueryResults',
        (options) => shell.logs.send(command, options),
        shell,
        deadline,
        Number.POSITIVE_INFINITY,
      );
    } catch (error) {
      if (error instanceof ResponseTooLargeError) return undefined;
      throw error;
    }
  }
}

function rowsOf(page: GetQueryResultsResponse | undefined): readonly unknown[] {
  const rows: unknown = page?.results;
  return Array.isArray(rows) ? rows : [];
}
