/** The results of `fetchOne` by name; all calls run concurrently. */
export async function byName<T>(
  names: Iterable<string>,
  fetchOne: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const entries = Array.from(names, async (name) => [name, await fetchOne(name)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
