import { StopQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { callTimeoutMs } from '../aws/call-aws.ts';
import { ResponseTooLargeError } from '../aws/response-limit.ts';
import { describeError } from '../common/log.ts';
import { DeadlineError } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';
import type { RowSink } from './query.ts';
import { type QueryAnswer, QueryError, type QueryRequest, type QueryShell } from './query.ts';
import { pollUntilEnded, type QueryEnd, readPages } from './query-results.ts';
import { startQuery } from './start-query.ts';

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
  const queryId = await startQuery(shell, request, deadline);
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
    throw new QueryError(`query ${queryId} ${failure}`, { ...seen, cause });
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
