/** What a call answers for each of some names, all asked at once. */
export async function byName<T>(
  names: Iterable<string>,
  fetchOne: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const entries = Array.from(names, async (name) => [name, await fetchOne(name)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
