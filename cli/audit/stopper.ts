import type { Deadline, Timer } from '../../lambda/common/time.ts';
import { interruptibleDeadline, interruptibleTimer } from '../shared/interruption.ts';

/** Stops work by ending its sleeps and deadlines, and remembers the reason. */
export class Stopper {
  readonly timer: Timer;
  readonly #abort = new AbortController();
  #reason: string | undefined;

  /** @param monotonicMs see Timer */
  constructor(monotonicMs?: Timer['monotonicMs']) {
    this.timer = interruptibleTimer(this.#abort.signal, monotonicMs);
  }

  /** Why everything was stopped, as a clause; undefined until then. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Only the first reason counts. */
  stop(reason: string): void {
    this.#reason ??= reason;
    this.#abort.abort();
  }

  /** Calls back on a stop, or at once if it is stopped already. */
  onStop(callback: () => void): void {
    const { signal } = this.#abort;
    if (signal.aborted) callback();
    else signal.addEventListener('abort', callback, { once: true });
  }

  deadlineIn(milliseconds: number): Deadline {
    return interruptibleDeadline(this.timer, milliseconds, this.#abort.signal);
  }
}
