import { type AwsErrorKind, isMalformedQuery } from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import { DeadlineError, queryEach } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';
import { QueryError, type QueryRequest, type QueryShell, type RowSink } from '../query/query.ts';
import { runQuery } from '../query/run-query.ts';

/** The outcome of the scan of one log group. */
export type GroupOutcome =
  | { readonly kind: 'scanned' }
  /** The group cannot be read: a problem of coverage, not a failure of the scan. */
  | {
      readonly kind: 'blind';
      readonly cause: 'missing' | 'query-denied' | 'key-unreadable';
      readonly error: Error;
    }
  /** The window lies before the group's creation or beyond its retention: it can never be read. */
  | { readonly kind: 'out-of-reach'; readonly error: Error }
  | { readonly kind: 'failed'; readonly error: Error };

export interface ScanAnswer<Sink extends RowSink = RowSink> {
  readonly sink: Sink;
  /** The log groups of its query. */
  readonly logGroups: readonly string[];
  readonly isCutOff: boolean;
  /** Whether it scanned fewer log groups than were queried. */
  readonly isDoubtful: boolean;
}

export interface Scan<Sink extends RowSink = RowSink> {
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** The answers of the queries that completed, each with its rows. */
  readonly answers: readonly ScanAnswer<Sink>[];
  /** Bytes of all queries, those without an answer included. */
  readonly bytesScanned: number;
  /** Queries that scanned fewer log groups than were queried. */
  readonly doubts: number;
}

/** Failures of StartQuery that one log group can cause for all of them. */
const oneGroupFailsAll: ReadonlySet<AwsErrorKind | undefined> = new Set([
  'not-found',
  'denied',
  'no-data-possible',
]);

/**
 * Scans log groups with one query, and group by group when one of them may have made it fail.
 *
 * Does not throw when a query fails; see `outcomes`.
 *
 * @param openSink creates a sink for each query
 */
export async function scanGroups<Sink extends RowSink>(
  shell: QueryShell,
  request: QueryRequest,
  deadline: Deadline,
  openSink: () => Sink,
): Promise<Scan<Sink>> {
  const { logGroups } = request;
  if (logGroups.length === 0) {
    return { outcomes: new Map(), answers: [], bytesScanned: 0, doubts: 0 };
  }
  try {
    const sink = openSink();
    const answer = await runQuery(shell, request, deadline, sink);
    const { bytesScanned, isDoubtful, isCutOff } = answer;
    const outcomes = sameOutcome(logGroups, { kind: 'scanned' });
    const answers = [{ sink, logGroups, isCutOff, isDoubtful }];
    return { outcomes, answers, bytesScanned, doubts: isDoubtful ? 1 : 0 };
  } catch (error) {
    if (!(error instanceof QueryError)) {
      throw error;
    }
    const { bytesScanned } = error;
    if (logGroups.length > 1 && canBeOneGroups(error, request)) {
      shell.log('warn', 'scan-split-by-group', { logGroups, error: describeError(error) });
      const scans = await queryEach(logGroups, (logGroup) =>
        scanGroups(shell, { ...request, logGroups: [logGroup] }, deadline, openSink),
      );
      return mergeScans(scans, bytesScanned);
    }
    const outcomes = sameOutcome(logGroups, outcomeOf(error));
    return { outcomes, answers: [], bytesScanned, doubts: 0 };
  }
}

/** No group causes a syntax error or a timeout; it may cause any other refusal. */
function canBeOneGroups(
  { startFailure, hasFailed, cause }: QueryError,
  { isTextKnownGood = false }: QueryRequest,
): boolean {
  if (cause instanceof DeadlineError) return false;
  const isText = !isTextKnownGood && isMalformedQuery(cause);
  return hasFailed || oneGroupFailsAll.has(startFailure) || (startFailure === 'other' && !isText);
}

function outcomeOf(error: QueryError): GroupOutcome {
  switch (error.startFailure) {
    case 'not-found':
      return { kind: 'blind', cause: 'missing', error };
    case 'denied':
      return { kind: 'blind', cause: isAboutKey(error) ? 'key-unreadable' : 'query-denied', error };
    case 'no-data-possible':
      return { kind: 'out-of-reach', error };
    default:
      return isAboutKey(error)
        ? { kind: 'blind', cause: 'key-unreadable', error }
        : { kind: 'failed', error };
  }
}

/** AWS has no separate error for a key that may not be used: only the message names KMS. */
function isAboutKey({ cause }: QueryError): boolean {
  return cause instanceof Error && /\bKMS|kms:/i.test(`${cause.name} ${cause.message}`);
}

function sameOutcome(
  logGroups: readonly string[],
  outcome: GroupOutcome,
): Map<string, GroupOutcome> {
  return new Map(logGroups.map((logGroup) => [logGroup, outcome]));
}

function mergeScans<Sink extends RowSink>(
  scans: readonly Scan<Sink>[],
  bytesBefore: number,
): Scan<Sink> {
  return {
    outcomes: new Map(scans.flatMap((scan) => [...scan.outcomes])),
    answers: scans.flatMap((scan) => scan.answers),
    bytesScanned: scans.reduce((sum, scan) => sum + scan.bytesScanned, bytesBefore),
    doubts: scans.reduce((sum, scan) => sum + scan.doubts, 0),
  };
}

const rank = { scanned: 0, 'out-of-reach': 1, blind: 2, failed: 3 } as const;

/** By log group, its worst outcome of several scans. */
export function worstOutcomes(scans: readonly Pick<Scan, 'outcomes'>[]): Map<string, GroupOutcome> {
  const worst = new Map<string, GroupOutcome>();
  for (const { outcomes } of scans) {
    for (const [logGroup, outcome] of outcomes) {
      const before = worst.get(logGroup);
      if (before === undefined || rank[outcome.kind] > rank[before.kind]) {
        worst.set(logGroup, outcome);
      }
    }
  }
  return worst;
}
