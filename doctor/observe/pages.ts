const pagesMax = 200;

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

/**
 * The items of all pages together.
 *
 * @param fetchPage fetches one page; without a token the first
 * @throws Error for pages without end; whatever `fetchPage` throws: a part of a list is no list
 */
export async function allPages<T>(
  fetchPage: (token: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  for (let page = 1; page <= pagesMax; page += 1) {
    const fetched = await fetchPage(token);
    items.push(...(fetched.items ?? []));
    if (fetched.next === undefined || fetched.next === '') return items;
    token = fetched.next;
  }
  throw new Error(`there are more than ${pagesMax} pages`);
}
