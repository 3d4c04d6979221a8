import { describeError, type Log } from '../common/log.ts';
import { type Backoff, DeadlineError, retryUntil, type Waiting } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';
import { classifyAwsError } from './aws-errors.ts';

/** What every AWS call needs. */
export interface CallShell extends Waiting {
  readonly log: Log;
}

const callBackoff: Backoff = { firstMs: 200, factor: 2, maxMs: 10_000 };
/** How long a call may take that is made right at its deadline. */
export const callTimeoutMinMs = 1_000;
const callTimeoutMaxMs = 10_000;

/**
 * How long one HTTP call may take. A call made right at a deadline still gets a second: deadlines
 * leave more than that in reserve, see `tickDeadlines`.
 *
 * @param mayBeRepeated whether a second attempt may follow, for which half of the time is reserved
 *   @default false
 */
export function callTimeoutMs(deadline: Deadline, mayBeRepeated = false): number {
  const availableMs = Math.floor(deadline.remainingMs() / (mayBeRepeated ? 2 : 1));
  return Math.min(callTimeoutMaxMs, Math.max(callTimeoutMinMs, availableMs));
}

/**
 * Makes one AWS call, and retries it while it is throttled or the service is unavailable.
 *
 * The SDK's own retries are off: it retries a call whose answer was lost like any other, waits with
 * timers that no test can drive, and has no deadline.
 *
 * @param lostAnswersMax how often to retry a call that may have been carried out already
 * @throws DeadlineError when the time ran out, which is checked before the first attempt too, so
 *   that endless pages end as well; otherwise the call's own error
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

/**
 * Whether a call failed for a temporary reason: throttled, unavailable, answer lost, out of time.
 */
export function isPassingFailure(error: unknown): boolean {
  const kind = classifyAwsError(error);
  return (
    error instanceof DeadlineError ||
    kind === 'throttled' ||
    kind === 'unavailable' ||
    kind === 'lost-answer'
  );
}
