import pMap from 'p-map';
import pRetry from 'p-retry';
import type { Deadline, Timer } from './time.ts';

/** How long to wait between attempts: `firstMs`, growing by `factor` up to `maxMs`, jittered. */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

export interface Waiting {
  readonly timer: Timer;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The time ran out; the cause is the error of the last attempt. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * The wait before the attempt that follows the `failures`-th failed one: between half and all of
 * the growing delay, so that monitors that started together drift apart.
 *
 * @param failures 1 for the first wait
 */
export function backoffMs({ firstMs, factor, maxMs }: Backoff, failures: number, random: number) {
  const delayMs = Math.min(maxMs, firstMs * factor ** (failures - 1));
  return delayMs * (0.5 + random / 2);
}

/**
 * Retries an operation while its errors are worth it, until the deadline.
 *
 * p-retry counts the attempts. The waiting happens in `shouldRetry`, which p-retry awaits, because
 * its own delay uses `setTimeout` and accepts no other timer. The last wait is cut to the time that
 * is left, so that one attempt happens right at the deadline.
 *
 * @throws DeadlineError when the time ran out, otherwise the operation's own error
 */
export function retryUntil<T>(
  operation: () => Promise<T>,
  { timer, random }: Waiting,
  options: {
    readonly deadline: Deadline;
    /** One for all errors, or one for each. */
    readonly backoff: Backoff | ((error: Error) => Backoff);
    /** @param failures how many attempts have failed, this one included */
    readonly worthRetrying: (error: Error, failures: number) => boolean;
    readonly onRetry?: (error: Error, waitMs: number) => void;
  },
): Promise<T> {
  return pRetry(operation, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 0,
    shouldRetry: async ({ error, attemptNumber }) => {
      if (!options.worthRetrying(error, attemptNumber)) {
        return false;
      }
      const remainingMs = options.deadline.remainingMs();
      if (remainingMs === 0) {
        throw new DeadlineError('the time ran out', { cause: error });
      }
      const { backoff } = options;
      const growth = typeof backoff === 'function' ? backoff(error) : backoff;
      const waitMs = Math.min(remainingMs, backoffMs(growth, attemptNumber, random()));
      options.onRetry?.(error, waitMs);
      await timer.sleep(waitMs);
      return true;
    },
  });
}

/** How many calls to AWS are under way at once: enough to be quick, too few to be throttled. */
const atOnce = 16;

/**
 * Runs an operation over many items, 16 at a time, and returns the results in their order.
 *
 * @throws the error of the first that fails; nothing is begun after it
 */
export function inSteps<T, R>(
  items: readonly T[],
  operation: (item: T) => Promise<R>,
): Promise<R[]> {
  return pMap(items, (item) => operation(item), { concurrency: atOnce });
}

/** The queries of an account share its concurrency with every other monitor, and with people. */
const queriesAtOnce = 2;

/** Runs a query for each item, two at a time, and returns the results in their order. */
export function queryEach<T, R>(items: readonly T[], query: (item: T) => Promise<R>): Promise<R[]> {
  return pMap(items, (item) => query(item), { concurrency: queriesAtOnce });
}
