import { invalidParameter } from './logs-errors.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** `{ nextToken }` when there is more, to be spread into an answer. */
  readonly next: { readonly nextToken?: string };
}

/**
 * One page of a list; its token says how many items came before.
 *
 * @throws AwsError for a token that did not come from here
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
