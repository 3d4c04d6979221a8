import { invalidParameter } from './logs-errors.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** `{ nextToken }` when there are more items, to spread into a response. */
  readonly next: { readonly nextToken?: string };
}

/**
 * One page of a list; its token is the number of items before the next page.
 *
 * @throws AwsError for a token that this function did not return
 */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  nextToken?: string,
): Page<Item> {
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(start) || start < 0) {
    throw invalidParameter(`the nextToken ${nextToken} is not valid`);
  }
  const end = start + limit;
  return {
    items: items.slice(start, end),
    next: end < items.length ? { nextToken: String(end) } : {},
  };
}
