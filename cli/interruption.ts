import { setTimeout as sleep } from 'node:timers/promises';
import { type Deadline, deadlineIn, systemTimer, type Timer } from '../lambda/time.ts';

/**
 * A timer whose sleeps an interruption ends: what waits goes on at once, and finds its deadline passed
 * (see {@link interruptibleDeadline}). The function's own code then stops the queries that run, as it
 * does whenever its time is over.
 */
export function interruptibleTimer(
  interrupted: AbortSignal,
  monotonicMs: Timer['monotonicMs'] = systemTimer.monotonicMs,
): Timer {
  return {
    monotonicMs,
    sleep: async (milliseconds) => {
      await sleep(milliseconds, undefined, { signal: interrupted }).catch(() => {
        // The sleep was cut short.
      });
    },
  };
}

/** A deadline that an interruption brings forward. */
export function interruptibleDeadline(
  timer: Timer,
  milliseconds: number,
  interrupted: AbortSignal,
): Deadline {
  const deadline = deadlineIn(timer, milliseconds);
  return { remainingMs: () => (interrupted.aborted ? 0 : deadline.remainingMs()) };
}
