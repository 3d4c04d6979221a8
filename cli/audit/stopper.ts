import type { Deadline, Timer } from '../../lambda/time.ts';
import { interruptibleDeadline, interruptibleTimer } from '../interruption.ts';

/** Ends work that waits for time, and remembers why. */
export class Stopper {
  readonly timer: Timer;
  readonly #abort = new AbortController();
  #reason: string | undefined;

  /** @param monotonicMs see Timer */
  constructor(monotonicMs?: Timer['monotonicMs']) {
    this.timer = interruptibleTimer(this.#abort.signal, monotonicMs);
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
    return interruptibleDeadline(this.timer, milliseconds, this.#abort.signal);
  }
}
