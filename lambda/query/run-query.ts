import {
  GetQueryResultsCommand,
  type GetQueryResultsResponse,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  type AwsErrorKind,
  callAws,
  callTimeoutMs,
  classifyAwsError,
  ResponseTooLargeError,
} from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import { type Backoff, backoffMs, DeadlineError, retryUntil } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';
import { queryTimes } from '../model/windows.ts';
import {
  type QueryAnswer,
  QueryError,
  type QueryRequest,
  type QueryShell,
  type RowSink,
} from './query.ts';

/**
 * StartQuery has no idempotency token: a retried call is a second query that is billed again. So it
 * is retried freely only after errors that say that nothing was started, and just once after a lost
 * answer, which at worst doubles the bytes of one tick. The orphaned query ends by itself.
 */
const lostStartsMax = 1;

/**
 * Starts a query and returns its id.
 *
 * @throws QueryError whose `startFailure` says how StartQuery failed
 */
export async function startQuery(
  shell: QueryShell,
  { queryString, logGroups, window, limit }: QueryRequest,
  deadline: Deadline,
): Promise<string> {
  const logGroupNames = [...logGroups];
  const beganMs = shell.timer.monotonicMs();
  const command = new StartQueryCommand({
    ...{ queryString, logGroupNames, ...queryTimes(window) },
    ...(limit !== undefined && { limit }),
  });
  try {
    const { queryId } = await callAws(
      'StartQuery',
      (options) => shell.logs.send(command, options),
      shell,
      deadline,
      lostStartsMax,
    );
    if (queryId === undefined) {
      throw new Error('StartQuery answered without a queryId');
    }
    return queryId;
  } catch (cause) {
    throw new QueryError(`StartQuery failed for ${logGroupNames.join(', ')}`, {
      startFailure: classifyAwsError(cause),
      startMs: shell.timer.monotonicMs() - beganMs,
      cause,
    });
  }
}

/**
 * The first poll comes within 100 ms. One window's query takes about a second or two, and is polled
 * three or four times: GetQueryResults allows 10 calls a second, which all monitors of an account and
 * Region share.
 */
const pollBackoff: Backoff = { firstMs: 100, factor: 4, maxMs: 3_000 };

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
type QueryEnd = GetQueryResultsResponse & { readonly pageRows: number };

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

/**
 * Runs one query to its end and hands its rows to the sink, page by page.
 *
 * @param sink of this query alone; its rows are valid only if this function returns
 * @throws QueryError for every other end: StartQuery failed, status Failed, Cancelled or Timeout,
 *   results that cannot be read, or the deadline; in the last two cases the query is stopped first
 */
export async function runQuery(
  shell: QueryShell,
  request: QueryRequest,
  deadline: Deadline,
  sink: RowSink,
): Promise<QueryAnswer> {
  const beganMs = shell.timer.monotonicMs();
  const queryId = await startQuery(shell, request, deadline);
  const startMs = shell.timer.monotonicMs() - beganMs;
  shell.log('info', 'query-started', { queryId, logGroups: request.logGroups });
  const seen = { bytesScanned: 0 };
  let ended: QueryEnd;
  try {
    ended = await pollUntilEnded(shell, queryId, deadline, seen, request.pageRows);
    if (ended.status === 'Complete') {
      const { isCutOff, rowCount } = await readPages(shell, queryId, ended, deadline, sink);
      const isDoubtful = logCompletion(shell, request, queryId, ended, rowCount);
      return { isCutOff, bytesScanned: seen.bytesScanned, isDoubtful };
    }
  } catch (cause) {
    if (cause instanceof ResponseTooLargeError) {
      // Not even one row fits: the other rows are read in a smaller slice, or are reported.
      shell.log('error', 'row-too-large', { queryId, rowCount: 0 });
      return { isCutOff: true, bytesScanned: seen.bytesScanned, isDoubtful: false };
    }
    await stopQuery(shell, queryId, deadline);
    const failure =
      cause instanceof DeadlineError
        ? 'did not end within the time of this invocation'
        : 'started, but its results cannot be read';
    throw new QueryError(`query ${queryId} ${failure}`, { ...seen, startMs, cause });
  }
  throw new QueryError(`query ${queryId} ended with status ${ended.status}`, {
    ...seen,
    hasFailed: ended.status === 'Failed',
  });
}

/** Ends the cost of a query that nobody waits for any more. A failure is only logged. */
export async function stopQuery(
  shell: QueryShell,
  queryId: string,
  deadline: Deadline,
): Promise<void> {
  const command = new StopQueryCommand({ queryId });
  try {
    const { success } = await shell.logs.send(command, { requestTimeout: callTimeoutMs(deadline) });
    shell.log('warn', 'query-stopped', { queryId, success });
  } catch (error) {
    shell.log('warn', 'query-not-stopped', { queryId, error: describeError(error) });
  }
}

/** @returns whether fewer log groups were scanned than queried, which is accepted and counted */
function logCompletion(
  shell: QueryShell,
  request: QueryRequest,
  queryId: string,
  { statistics }: QueryEnd,
  rowCount: number,
): boolean {
  shell.log('info', 'query-complete', { queryId, rowCount, ...statistics });
  const scanned = statistics?.logGroupsScanned;
  if (scanned === undefined || scanned >= request.logGroups.length) return false;
  const details = { asked: request.logGroups.length, scanned };
  shell.log('warn', 'fewer-log-groups-scanned', { queryId, ...details });
  return true;
}
