import type { AwsErrorKind } from './aws-errors.ts';
import { describeError } from './log.ts';
import { QueryError, type QueryRequest, type QueryShell, type ResultRow } from './query.ts';
import { runQuery } from './run-query.ts';
import type { Deadline } from './time.ts';

/** How the scan of one log group went. */
export type GroupOutcome =
  | { readonly kind: 'scanned' }
  /** The group cannot be read; that is a matter of coverage, not a failure of the scan. */
  | { readonly kind: 'blind'; readonly cause: 'missing' | 'query-denied'; readonly error: Error }
  | { readonly kind: 'failed'; readonly error: Error };

export interface Scan {
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Rows of the queries that completed. */
  readonly rows: readonly ResultRow[];
  /** Bytes of all queries, those without an answer included. */
  readonly bytesScanned: number;
}

/** One group is enough to fail StartQuery for all of them in these ways. */
const oneGroupFailsAll: ReadonlySet<AwsErrorKind | undefined> = new Set([
  'not-found',
  'denied',
  'no-data-possible',
]);

/**
 * Scans log groups with one query, and group by group when one of them spoils it for the rest.
 *
 * Never throws for a query's sake: what failed is in the outcomes.
 */
export async function scanGroups(
  shell: QueryShell,
  request: QueryRequest,
  deadline: Deadline,
): Promise<Scan> {
  const { logGroups } = request;
  if (logGroups.length === 0) {
    return { outcomes: new Map(), rows: [], bytesScanned: 0 };
  }
  try {
    const { rows, bytesScanned } = await runQuery(shell, request, deadline);
    return { outcomes: sameOutcome(logGroups, { kind: 'scanned' }), rows, bytesScanned };
  } catch (error) {
    if (!(error instanceof QueryError)) {
      throw error;
    }
    if (logGroups.length > 1 && oneGroupFailsAll.has(error.startFailure)) {
      shell.log('warn', 'scan-split-by-group', { logGroups, error: describeError(error) });
      return mergeScans(
        await Promise.all(
          logGroups.map((logGroup) =>
            scanGroups(shell, { ...request, logGroups: [logGroup] }, deadline),
          ),
        ),
      );
    }
    const { bytesScanned } = error;
    return { outcomes: sameOutcome(logGroups, outcomeOf(error, shell)), rows: [], bytesScanned };
  }
}

function outcomeOf(error: QueryError, shell: QueryShell): GroupOutcome {
  switch (error.startFailure) {
    case 'not-found':
      return { kind: 'blind', cause: 'missing', error };
    case 'denied':
      return { kind: 'blind', cause: 'query-denied', error };
    case 'no-data-possible':
      // A group that is younger than the window: it was read in full, there is nothing in it.
      shell.log('warn', 'no-data-possible', { error: describeError(error) });
      return { kind: 'scanned' };
    default:
      return { kind: 'failed', error };
  }
}

function sameOutcome(
  logGroups: readonly string[],
  outcome: GroupOutcome,
): Map<string, GroupOutcome> {
  return new Map(logGroups.map((logGroup) => [logGroup, outcome]));
}

function mergeScans(scans: readonly Scan[]): Scan {
  return {
    outcomes: new Map(scans.flatMap((scan) => [...scan.outcomes])),
    rows: scans.flatMap((scan) => scan.rows),
    bytesScanned: scans.reduce((sum, scan) => sum + scan.bytesScanned, 0),
  };
}
