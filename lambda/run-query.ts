import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsResponse,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type AwsErrorKind, classifyAwsError } from './aws-errors.ts';
import { type CallShell, callAws, callTimeoutMs } from './call-aws.ts';
import { describeError } from './log.ts';
import { type Backoff, backoffMs, DeadlineError, retryUntil } from './retry.ts';
import type { Deadline } from './time.ts';
import { queryTimes, type Window } from './windows.ts';

export interface QueryShell extends CallShell {
  readonly logs: CloudWatchLogsClient;
}

export interface QueryRequest {
  readonly queryString: string;
  readonly logGroups: readonly string[];
  readonly window: Window;
}

export type ResultRow = readonly ResultField[];

/** The whole answer of a query that ended as Complete. */
export interface QueryAnswer {
  readonly rows: readonly ResultRow[];
  readonly bytesScanned: number;
}

/** A query that gave no answer; its partial rows are thrown away. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** What StartQuery itself failed with; undefined when the query had started. */
  readonly startFailure: AwsErrorKind | undefined;
  /** What the query had scanned, and bills, when it was last seen. */
  readonly bytesScanned: number;

  constructor(
    message: string,
    details: { startFailure?: AwsErrorKind; bytesScanned?: number; cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.startFailure = details.startFailure;
    this.bytesScanned = details.bytesScanned ?? 0;
  }
}

/** The first poll comes within 100 ms; one window's query takes about a second or two. */
const pollBackoff: Backoff = { firstMs: 100, factor: 1.5, maxMs: 5_000 };

/**
 * Runs one query to its end and returns all its rows.
 *
 * @throws QueryError for every other end: StartQuery failed, status Failed, Cancelled or Timeout,
 *   results that cannot be had, or the deadline; in the last two cases the query is stopped first
 */
export async function runQuery(
  shell: QueryShell,
  request: QueryRequest,
  deadline: Deadline,
): Promise<QueryAnswer> {
  const queryId = await startQuery(shell, request, deadline);
  shell.log('info', 'query-started', { queryId, logGroups: request.logGroups });
  const seen = { bytesScanned: 0 };
  let ended: GetQueryResultsResponse;
  try {
    ended = await pollUntilEnded(shell, queryId, deadline, seen);
    if (ended.status === 'Complete') {
      const rows = await readAllPages(shell, queryId, ended, deadline);
      logCompletion(shell, request, queryId, ended, rows.length);
      return { rows, bytesScanned: seen.bytesScanned };
    }
  } catch (cause) {
    await stopQuery(shell, queryId, deadline);
    const failure =
      cause instanceof DeadlineError
        ? 'did not end within the time of this invocation'
        : 'started, but its results cannot be had';
    throw new QueryError(`query ${queryId} ${failure}`, { ...seen, cause });
  }
  throw new QueryError(`query ${queryId} ended with status ${ended.status}`, seen);
}

/**
 * StartQuery takes no idempotency token: a repeated call is a second query that is billed again.
 * So it is repeated freely only after errors that say that nothing was started; after a lost
 * answer just once, which at worst doubles the bytes of one tick. The orphan ends by itself.
 */
const lostStartsMax = 1;

async function startQuery(
  shell: QueryShell,
  { queryString, logGroups, window }: QueryRequest,
  deadline: Deadline,
): Promise<string> {
  const logGroupNames = [...logGroups];
  const command = new StartQueryCommand({ queryString, logGroupNames, ...queryTimes(window) });
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
      cause,
    });
  }
}

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

async function pollUntilEnded(
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

async function readAllPages(
  shell: QueryShell,
  queryId: string,
  firstPage: GetQueryResultsResponse,
  deadline: Deadline,
): Promise<ResultRow[]> {
  const rows: ResultRow[] = [...(firstPage.results ?? [])];
  for (let { nextToken } = firstPage; nextToken !== undefined; ) {
    if (deadline.remainingMs() === 0) {
      throw new DeadlineError('the time for it ran out while reading pages');
    }
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

/** Ends the cost of a query that nobody waits for any more; that it fails changes nothing. */
async function stopQuery(shell: QueryShell, queryId: string, deadline: Deadline): Promise<void> {
  const command = new StopQueryCommand({ queryId });
  try {
    const { success } = await shell.logs.send(command, { requestTimeout: callTimeoutMs(deadline) });
    shell.log('warn', 'query-stopped', { queryId, success });
  } catch (error) {
    shell.log('warn', 'query-not-stopped', { queryId, error: describeError(error) });
  }
}

function logCompletion(
  shell: QueryShell,
  request: QueryRequest,
  queryId: string,
  { statistics }: GetQueryResultsResponse,
  rowCount: number,
): void {
  shell.log('info', 'query-complete', { queryId, rowCount, ...statistics });
  const scanned = statistics?.logGroupsScanned;
  if (scanned !== undefined && scanned < request.logGroups.length) {
    const details = { asked: request.logGroups.length, scanned };
    shell.log('warn', 'fewer-log-groups-scanned', { queryId, ...details });
  }
}
