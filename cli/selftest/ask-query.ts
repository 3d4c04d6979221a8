import { StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describeError } from '../../lambda/common/log.ts';
import { DeadlineError } from '../../lambda/common/retry.ts';
import type { RowSink } from '../../lambda/query/query.ts';
import { pollUntilEnded, readPages } from '../../lambda/query/query-results.ts';
import { stopQuery } from '../../lambda/query/run-query.ts';
import { callLogs, patience, type SelftestShell, throwIfInterrupted } from './call-logs.ts';
import { rootCause, SelftestFailure } from './selftest-failure.ts';

/** A query with StartQuery's parameters; times are whole epoch seconds. */
export interface RawQuery {
  /** The purpose, for error messages: `querying the events at the slice's end`. */
  readonly doing: string;
  readonly queryString: string;
  readonly logGroups: readonly string[];
  readonly startTime: number;
  readonly endTime: number;
  readonly limit?: number;
}

export type RawAnswer =
  | {
      readonly kind: 'answered';
      /** As GetQueryResults returns them, unchecked. */
      readonly rows: readonly unknown[];
      readonly statistics: Readonly<Partial<Record<'logGroupsScanned' | 'bytesScanned', number>>>;
    }
  /** StartQuery refused the query; or it started, but did not complete. */
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

/** Longer than any query over a few hundred kilobytes takes. */
const queryPatienceMs = 120_000;
/** StartQuery's errors for a query that it never accepts, from any caller. */
const refusals = new Set(['MalformedQueryException', 'InvalidParameterException']);

/**
 * Runs one query exactly as given, unlike the function's own code, which sends whole slices.
 *
 * @throws InterruptedError; SelftestFailure for an error that is not about the query itself
 */
export async function askQuery(shell: SelftestShell, query: RawQuery): Promise<RawAnswer> {
  const queryId = await start(shell, query);
  if (typeof queryId !== 'string') return queryId;
  const deadline = patience(shell, queryPatienceMs);
  const sink = new AllRows();
  try {
    const seen = { bytesScanned: 0 };
    const end = await pollUntilEnded(shell, queryId, deadline, seen);
    if (end.status !== 'Complete') {
      return { kind: 'failed', message: `the query ended as ${end.status}` };
    }
    await readPages(shell, queryId, end, deadline, sink);
    shell.log('info', 'query-complete', { queryId, ...end.statistics });
    return { kind: 'answered', rows: sink.rows, statistics: { ...end.statistics } };
  } catch (error) {
    await stopQuery(shell, queryId, deadline);
    if (error instanceof DeadlineError) throwIfInterrupted(shell);
    throw new SelftestFailure('logs:GetQueryResults', query.doing, error);
  }
}

async function start(
  shell: SelftestShell,
  { doing, queryString, logGroups, startTime, endTime, limit }: RawQuery,
): Promise<string | RawAnswer> {
  const command = new StartQueryCommand({
    ...{ queryString, logGroupNames: [...logGroups], startTime, endTime },
    ...(limit !== undefined && { limit }),
  });
  try {
    const { queryId } = await callLogs(shell, {
      ...{ operation: 'StartQuery', doing, isOfNewGroup: true, lostAnswersMax: 1 },
      send: (options) => shell.logs.send(command, options),
    });
    if (queryId === undefined) throw new SelftestFailure('logs:StartQuery', doing, 'no queryId');
    shell.log('info', 'query-started', { queryId, logGroups });
    return queryId;
  } catch (error) {
    const cause = rootCause(error);
    if (cause instanceof Error && refusals.has(cause.name)) {
      return { kind: 'refused', message: describeError(cause) };
    }
    throw error;
  }
}

class AllRows implements RowSink {
  readonly rows: unknown[] = [];

  take(rows: readonly unknown[]): 'more' {
    this.rows.push(...rows);
    return 'more';
  }
}
