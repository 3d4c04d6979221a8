import { StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { callAws } from '../../lambda/aws/call-aws.ts';
import { describeError } from '../../lambda/common/log.ts';
import { type Backoff, DeadlineError, retryUntil } from '../../lambda/common/retry.ts';
import type { Deadline } from '../../lambda/common/time.ts';
import type { QueryShell, RowSink } from '../../lambda/query/query.ts';
import { pollUntilEnded, readPages, stopQuery } from '../../lambda/query/run-query.ts';
import { firstCallError } from '../common/aws-failure.ts';
import { interruptibleDeadline } from '../common/interruption.ts';
import { UserError } from '../common/output.ts';

/** A failed call that the self-test cannot continue without. */
export class SelftestFailure extends Error {
  override readonly name = 'SelftestFailure';
  /** The IAM action, such as `logs:CreateLogGroup`. */
  readonly action: string;
  /** The purpose of the call, such as `creating log group …`. */
  readonly doing: string;

  constructor(action: string, doing: string, cause: unknown) {
    super(`${doing}: ${action} failed`, { cause });
    this.action = action;
    this.doing = doing;
  }
}

/** The user interrupted the self-test. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** The IAM policy with the actions that the self-test needs. */
const policyFile = 'docs/selftest-policy.json';

/**
 * Why the self-test could not be completed, as a clause without a full stop.
 *
 * @returns undefined for an error of this program itself
 */
export function failureClause(error: unknown, region: string): string | undefined {
  if (error instanceof InterruptedError) return 'it was interrupted';
  if (error instanceof UserError) return error.message;
  if (!(error instanceof SelftestFailure)) return undefined;
  const { action, doing } = error;
  const cause = rootCause(error.cause);
  const known = firstCallError(cause, action);
  if (known instanceof UserError) {
    const hint = known.message.includes('may not call')
      ? ` (${policyFile} lists all required actions)`
      : '';
    return `${doing} in ${region} failed: ${known.message}${hint}`;
  }
  if (!(cause instanceof Error)) return `${doing} in ${region} failed: ${String(cause)}`;
  const said = describeError(cause);
  if (cause.name === 'LimitExceededException' && action === 'logs:StartQuery') {
    return `${doing} in ${region} failed: other queries use up the account's concurrent query quota; try again later (${said})`;
  }
  if (error.cause instanceof DeadlineError) {
    return `${doing} in ${region} failed: AWS refused every attempt of ${action} until the deadline (${said})`;
  }
  return `${doing} in ${region} failed: ${action}: ${said}`;
}

/** AWS's error, unwrapped from this project's own errors. */
export function rootCause(error: unknown): unknown {
  const ours = new Set(['DeadlineError', 'QueryError', 'SelftestFailure']);
  return error instanceof Error && ours.has(error.name) && error.cause !== undefined
    ? rootCause(error.cause)
    : error;
}

/** The self-test's clients, clock and log. */
export interface SelftestShell extends QueryShell {
  /** Ends all waiting; the created log groups are deleted then. */
  readonly interrupted: AbortSignal;
}

/** How long one call is retried while AWS is busy or does not find a new log group yet. */
const callPatienceMs = 30_000;
const backoff: Backoff = { firstMs: 500, factor: 1.5, maxMs: 5_000 };

/** AWS is still processing the previous change, and asks to try again. */
const conflicts = new Set(['OperationAbortedException']);
/** A new log group is not visible everywhere at once. */
const notKnownYet = new Set([...conflicts, 'ResourceNotFoundException']);

/** A deadline that passes at once on an interruption. */
export function patience(shell: SelftestShell, milliseconds: number): Deadline {
  return interruptibleDeadline(shell.timer, milliseconds, shell.interrupted);
}

interface LogsCall<T> {
  /** `CreateLogGroup` */
  readonly operation: string;
  /** The purpose, for error messages: `creating log group …`. */
  readonly doing: string;
  readonly send: (options: { requestTimeout: number }) => Promise<T>;
  /** This run created the log group, which may not be visible everywhere yet. */
  readonly isOfNewGroup?: boolean;
  /** How often to retry a call that may have been executed. @default 0 */
  readonly lostAnswersMax?: number;
  /** @default 30 s */
  readonly patienceMs?: number;
}

/**
 * Makes one call to CloudWatch Logs, with retries.
 *
 * @throws InterruptedError, or SelftestFailure with AWS's error as the cause
 */
export async function callLogs<T>(shell: SelftestShell, call: LogsCall<T>): Promise<T> {
  const { operation, doing, send, isOfNewGroup = false, lostAnswersMax = 0 } = call;
  const { patienceMs = callPatienceMs } = call;
  throwIfInterrupted(shell);
  const deadline = patience(shell, patienceMs);
  const temporary = isOfNewGroup ? notKnownYet : conflicts;
  let last: Error | undefined;
  try {
    return await retryUntil(
      () => callAws(operation, send, shell, deadline, lostAnswersMax),
      shell,
      {
        ...{ deadline, backoff },
        worthRetrying: (error) => {
          const isTemporary = temporary.has(error.name);
          if (isTemporary) last = error;
          return isTemporary;
        },
      },
    );
  } catch (error) {
    if (!(error instanceof DeadlineError))
      throw new SelftestFailure(`logs:${operation}`, doing, error);
    throwIfInterrupted(shell);
    const cause = new DeadlineError(error.message, { cause: error.cause ?? last });
    throw new SelftestFailure(`logs:${operation}`, doing, cause);
  }
}

export function throwIfInterrupted({ interrupted }: SelftestShell): void {
  if (interrupted.aborted) throw new InterruptedError('the self-test was interrupted');
}

/** A query with StartQuery's parameters; times are whole epoch seconds. */
interface RawQuery {
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
