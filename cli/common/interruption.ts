import { setTimeout as sleep } from 'node:timers/promises';
import { type Deadline, deadlineIn, systemTimer, type Timer } from '../../lambda/common/time.ts';

/** A timer whose sleeps may end early. */
export interface AbortableTimer extends Timer {
  /** @throws AbortError when it is aborted before its end, unless it ends at once anyway */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

const abortableSystemTimer: AbortableTimer = {
  monotonicMs: systemTimer.monotonicMs,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/**
 * A timer whose sleeps end at once on an interruption; the code that waited then finds its deadline
 * passed (see {@link interruptibleDeadline}). The function's own code then stops the running
 * queries, as it does at every deadline.
 */
export function interruptibleTimer(
  interrupted: AbortSignal,
  timer: AbortableTimer = abortableSystemTimer,
): Timer {
  return {
    monotonicMs: () => timer.monotonicMs(),
    sleep: async (milliseconds) => {
      await timer.sleep(milliseconds, interrupted).catch((error: unknown) => {
        // An aborted sleep just ends early.
        if (!interrupted.aborted) throw error;
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

/**
 * One Ctrl+C arrives several times: the terminal sends it to every process of the command, and npx
 * and this command's own launcher forward it.
 */
const samePressMs = 500;

/** Counts presses of Ctrl+C by the signals received. */
export class PressCounter {
  #presses = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /**
   * Records a received signal.
   *
   * @param nowMs the time on a monotonic scale
   * @returns the number of presses including this one; undefined if it belongs to the previous
   *   press
   */
  signal(nowMs: number): number | undefined {
    if (nowMs - this.#lastMs < samePressMs) return undefined;
    this.#lastMs = nowMs;
    this.#presses += 1;
    return this.#presses;
  }
}

/** Sent by Ctrl+C, by a CI runner that gives up, and by a closed terminal. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Handles requests to end the command, instead of the default of ending it.
 *
 * @param onSignal called with the signal, and the number of requests so far
 * @returns a function that removes the listeners
 */
export function onSignals(onSignal: (signal: string, presses: number) => void): () => void {
  const counter = new PressCounter();
  const listener = (signal: string) => {
    const presses = counter.signal(performance.now());
    if (presses !== undefined) onSignal(signal, presses);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
