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
