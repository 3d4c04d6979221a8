import { callAws } from '../../lambda/call-aws.ts';
import type { QueryShell } from '../../lambda/query.ts';
import { type Backoff, DeadlineError, retryUntil } from '../../lambda/retry.ts';
import type { Deadline } from '../../lambda/time.ts';
import { interruptibleDeadline } from '../interruption.ts';
import { InterruptedError, SelftestFailure } from './selftest-failure.ts';

/** What the self-test needs from outside. */
export interface SelftestShell extends QueryShell {
  /** Ends all waiting; what was made is deleted then. */
  readonly interrupted: AbortSignal;
}

/** How long one call is repeated while AWS is busy, or does not know a new log group yet. */
const callPatienceMs = 30_000;
const backoff: Backoff = { firstMs: 500, factor: 1.5, maxMs: 5_000 };

/** AWS is still busy with the change before; it asks to try again. */
const conflicts = new Set(['OperationAbortedException']);
/** A log group that was just made is not known everywhere at once. */
const notKnownYet = new Set([...conflicts, 'ResourceNotFoundException']);

/** How long to try: an interruption brings it forward. */
export function patience(shell: SelftestShell, milliseconds: number): Deadline {
  return interruptibleDeadline(shell.timer, milliseconds, shell.interrupted);
}

export interface LogsCall<T> {
  /** `CreateLogGroup` */
  readonly operation: string;
  /** What it is called for: `making log group …`. */
  readonly doing: string;
  readonly send: (options: { requestTimeout: number }) => Promise<T>;
  /** The log group that it names was made by this run, and may not be known everywhere yet. */
  readonly isOfNewGroup?: boolean;
  /** How often a call is repeated that may have been carried out. @default 0 */
  readonly lostAnswersMax?: number;
  /** @default 30 s */
  readonly patienceMs?: number;
}

/**
 * Makes one call of CloudWatch Logs, again while that is worth it.
 *
 * @throws InterruptedError, or SelftestFailure with what AWS said
 */
export async function callLogs<T>(shell: SelftestShell, call: LogsCall<T>): Promise<T> {
  const { operation, doing, send, isOfNewGroup = false, lostAnswersMax = 0 } = call;
  const { patienceMs = callPatienceMs } = call;
  throwIfInterrupted(shell);
  const deadline = patience(shell, patienceMs);
  const passing = isOfNewGroup ? notKnownYet : conflicts;
  let last: Error | undefined;
  try {
    return await retryUntil(
      () => callAws(operation, send, shell, deadline, lostAnswersMax),
      shell,
      {
        ...{ deadline, backoff },
        worthRetrying: (error) => {
          const isPassing = passing.has(error.name);
          if (isPassing) last = error;
          return isPassing;
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
