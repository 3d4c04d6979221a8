/** What {@link reference} takes on a core that nobody else uses. */
const quietReferenceMs = 24;

/** Work of a known size: 4 MB read character by character. */
function reference(): number {
  let hash = 0;
  for (let round = 0; round < 16; round += 1) {
    for (let at = 0; at < referenceText.length; at += 1) {
      hash = (hash * 31 + referenceText.charCodeAt(at)) | 0;
    }
  }
  return hash;
}

const referenceText = 'The quick brown fox. '.repeat(13_000);

function cpuMs(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/**
 * Milliseconds that a run costs on a core of its own, the best of a few: processor time, and where the
 * core is shared or slow, as much less as a piece of known work beside it takes longer.
 *
 * @param goodEnoughMs no further run is made once one cost less.
 */
export function bestCpuMs(run: () => void, goodEnoughMs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 8 && best >= goodEnoughMs; times += 1) {
    const measuredMs = cpuMs(run);
    if (measuredMs < goodEnoughMs) return measuredMs;
    const slowness = Math.max(1, cpuMs(reference) / quietReferenceMs);
    best = Math.min(best, measuredMs / slowness);
  }
  return best;
}
