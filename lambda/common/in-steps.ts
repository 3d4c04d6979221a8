import pMap from 'p-map';

/** How many calls to AWS are under way at once: enough to be quick, too few to be throttled. */
const atOnce = 16;

/**
 * Runs an operation over many items, 16 at a time, and returns the results in their order.
 *
 * @throws the error of the first that fails; nothing is begun after it
 */
export function inSteps<T, R>(
  items: readonly T[],
  operation: (item: T) => Promise<R>,
): Promise<R[]> {
  return pMap(items, (item) => operation(item), { concurrency: atOnce });
}
