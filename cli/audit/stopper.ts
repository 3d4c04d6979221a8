import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline, Timer } from '../../lambda/time.ts';

/**
 * Ends work that waits for time: once it is told to stop, all its deadlines have passed and all its
 * sleeps are over. The monitor's own code then stops the queries that run, as it does whenever its
 * time is over.
 */
export class Stopper {
  readonly timer: Timer;
  readonly #abort = new AbortController();
  #reason: string | undefined;

  /** @param monotonicMs see Timer */
  constructor(monotonicMs: () => number = () => performance.now()) {
    const { signal } = this.#abort;
    this.timer = {
      monotonicMs,
      sleep: async (milliseconds) => {
        await sleep(milliseconds, undefined, { signal }).catch(() => {
          // The sleep was cut short: what waited goes on at once.
        });
      },
    };
  }

  /** Why everything was stopped: a part of a sentence; undefined as long as it goes on. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Only the first reason counts. */
  stop(reason: string): void {
    this.#reason ??= reason;
    this.#abort.abort();
  }

  /** Calls back when it is stopped, or at once when it has been. */
  onStop(callback: () => void): void {
    const { signal } = this.#abort;
    if (signal.aborted) callback();
    else signal.addEventListener('abort', callback, { once: true });
  }

  deadlineIn(milliseconds: number): Deadline {
    const end = this.timer.monotonicMs() + milliseconds;
    return {
      remainingMs: () =>
        this.#reason === undefined ? Math.max(0, end - this.timer.monotonicMs()) : 0,
    };
  }
}
