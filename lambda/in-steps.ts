/** How many calls to AWS are under way at once: enough to be quick, too few to be throttled. */
const atOnce = 16;

/**
 * Runs an operation over many items, a few at a time, and returns the results in their order. A slow one
 * holds up no other: a single call may take seconds, and a run has hundreds of them to make.
 *
 * @throws the error of the first that fails; nothing is begun any more after it
 */
export async function inSteps<T, R>(
  items: readonly T[],
  operation: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  let hasFailed = false;
  const work = async () => {
    for (const [at, item] of left) {
      if (hasFailed) return;
      try {
        results[at] = await operation(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
}
