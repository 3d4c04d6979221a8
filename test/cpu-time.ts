/**
 * Milliseconds of CPU time that a run costs, the best of a few: what the code costs, not what else
 * the machine does meanwhile.
 *
 * @param goodEnoughMs no further run is made once one cost less.
 */
export function bestCpuMs(run: () => void, goodEnoughMs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 5 && best >= goodEnoughMs; times += 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}
