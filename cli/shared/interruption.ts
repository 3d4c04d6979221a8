import { setTimeout as sleep } from 'node:timers/promises';
import { type Deadline, deadlineIn, systemTimer, type Timer } from '../../lambda/common/time.ts';

/**
 * A timer whose sleeps end at once on an interruption; the code that waited then finds its deadline
 * passed (see {@link interruptibleDeadline}). The function's own code then stops the running
 * queries, as it does at every deadline.
 */
export function interruptibleTimer(
  interrupted: AbortSignal,
  monotonicMs: Timer['monotonicMs'] = systemTimer.monotonicMs,
): Timer {
  return {
    monotonicMs,
    sleep: async (milliseconds) => {
      await sleep(milliseconds, undefined, { signal: interrupted }).catch(() => {
        // An aborted sleep just ends early.
      });
    },
  };
}

/** A deadline that passes at once on an interruption. */
export function interruptibleDeadline(
  timer: Timer,
  milliseconds: number,
  interrupted: AbortSignal,
): Deadline {
  const deadline = deadlineIn(timer, milliseconds);
  return { remainingMs: () => (interrupted.aborted ? 0 : deadline.remainingMs()) };
}
