import { callAws } from '../../lambda/aws/call-aws.ts';
import { type Backoff, DeadlineError, retryUntil } from '../../lambda/common/retry.ts';
import type { Deadline } from '../../lambda/common/time.ts';
import type { QueryShell } from '../../lambda/query/query.ts';
import { interruptibleDeadline } from '../shared/interruption.ts';
import { InterruptedError, SelftestFailure } from './selftest-failure.ts';

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

export interface LogsCall<T> {
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
