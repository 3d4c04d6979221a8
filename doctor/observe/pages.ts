const pagesMax = 200;

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

/**
 * Collects the items of all pages.
 *
 * @param fetchPage fetches one page; without a token, the first
 * @throws Error for more than `pagesMax` pages, and any error of `fetchPage`: never returns a part
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
  throw new Error(`the list has more than ${pagesMax} pages`);
}
