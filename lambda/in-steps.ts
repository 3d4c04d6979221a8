/** How many calls to AWS are under way at once: enough to be quick, too few to be throttled. */
const atOnce = 16;

/** Runs an operation over many items, a few at a time, and returns the results in their order. */
export async function inSteps<T, R>(
  items: readonly T[],
  operation: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += atOnce) {
    results.push(...(await Promise.all(items.slice(first, first + atOnce).map(operation))));
  }
  return results;
}
