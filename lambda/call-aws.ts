import { classifyAwsError } from './aws-errors.ts';
import { describeError, type Log } from './log.ts';
import { type Backoff, DeadlineError, retryUntil, type Waiting } from './retry.ts';
import type { Deadline } from './time.ts';

/** What every part that calls AWS is given. */
export interface CallShell extends Waiting {
  readonly log: Log;
}

const callBackoff: Backoff = { firstMs: 200, factor: 2, maxMs: 10_000 };
/** So long may a call take that is made right at its deadline. */
export const callTimeoutMinMs = 1_000;
const callTimeoutMaxMs = 10_000;

/**
 * How long one HTTP call may take. The one made right at a deadline still gets a second: whoever
 * sets deadlines keeps more than that in reserve, see `tickDeadlines`.
 *
 * @param mayBeRepeated whether a second attempt may follow it, for which half of the time is kept
 *   @default false
 */
export function callTimeoutMs(deadline: Deadline, mayBeRepeated = false): number {
  const availableMs = Math.floor(deadline.remainingMs() / (mayBeRepeated ? 2 : 1));
  return Math.min(callTimeoutMaxMs, Math.max(callTimeoutMinMs, availableMs));
}

/**
 * Makes one AWS call, again while it was throttled or the service was away.
 *
 * The SDK's own retries are off: it repeats a call whose answer was lost like any other, waits by
 * timers that no test can drive, and knows no deadline.
 *
 * @param lostAnswersMax how often to repeat a call that may have been carried out already
 * @throws DeadlineError when the time ran out, which is checked before the first attempt too, so
 *   that pages without end come to one; else the call's own error
 */
export async function callAws<T>(
  operation: string,
  send: (options: { requestTimeout: number }) => Promise<T>,
  shell: CallShell,
  deadline: Deadline,
  lostAnswersMax: number,
): Promise<T> {
  if (deadline.remainingMs() === 0) {
    throw new DeadlineError(`no time is left for ${operation}`);
  }
  let lostAnswers = 0;
  const attempt = () => {
    const requestTimeout = callTimeoutMs(deadline, lostAnswers < lostAnswersMax);
    return send({ requestTimeout });
  };
  return retryUntil(attempt, shell, {
    deadline,
    backoff: callBackoff,
    worthRetrying: (error) => {
      const kind = classifyAwsError(error);
      if (kind === 'lost-answer') {
        lostAnswers += 1;
        return lostAnswers <= lostAnswersMax;
      }
      return kind === 'throttled' || kind === 'unavailable';
    },
    onRetry: (error, waitMs) =>
      shell.log('warn', 'call-retried', {
        operation,
        waitMs: Math.round(waitMs),
        error: describeError(error),
      }),
  });
}

/** Whether a call failed for a reason that passes: throttled, away, without an answer, out of time. */
export function isPassingFailure(error: unknown): boolean {
  const kind = classifyAwsError(error);
  return (
    error instanceof DeadlineError ||
    kind === 'throttled' ||
    kind === 'unavailable' ||
    kind === 'lost-answer'
  );
}
