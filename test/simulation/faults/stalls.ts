import type { Schedule, Stall } from '../schedule/schedule.ts';

/** Decides which invocations hang, and at which of their calls. */
export class Stalls {
  #pending: readonly Stall[];
  readonly #calls = new WeakMap<object, number>();

  constructor({ stalls }: Pick<Schedule, 'stalls'>) {
    this.#pending = stalls;
  }

  /** From now on no invocation hangs. */
  end(): void {
    this.#pending = [];
  }

  /** Whether this call is the last thing an invocation does before Lambda kills it. */
  strike(invocation: { readonly tick: number }): boolean {
    const calls = this.#calls.get(invocation) ?? 0;
    this.#calls.set(invocation, calls + 1);
    const due = this.#pending.find(
      ({ tick, callsBefore }) => tick <= invocation.tick && callsBefore <= calls,
    );
    this.#pending = this.#pending.filter((other) => other !== due);
    return due !== undefined;
  }
}
