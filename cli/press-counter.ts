/**
 * One Ctrl+C comes several times: the terminal sends it to every process of the command, and npx and
 * this command's own launcher hand it on.
 */
const samePressMs = 500;

/** Counts how often somebody has pressed Ctrl+C, by the signals that come of it. */
export class PressCounter {
  #presses = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /**
   * A signal has come.
   *
   * @param nowMs on a scale that only grows
   * @returns how many presses there were, with this one; undefined when it is of the press before
   */
  signal(nowMs: number): number | undefined {
    if (nowMs - this.#lastMs < samePressMs) return undefined;
    this.#lastMs = nowMs;
    this.#presses += 1;
    return this.#presses;
  }
}
