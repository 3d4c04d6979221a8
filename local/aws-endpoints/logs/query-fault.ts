import type { StartQueryInput } from './start-query-input.ts';

/** A fault injected into one query, besides the engine's own errors. */
export type QueryFault =
  /** StartQuery answers MalformedQueryException; the span is in characters of the text. */
  | {
      readonly kind: 'malformed';
      readonly message: string;
      /** @default - the whole text */
      readonly span?: { readonly start: number; readonly end: number };
    }
  /** StartQuery accepts the query, and it ends with the status Failed. */
  | { readonly kind: 'failed' };

/** Called for each StartQuery; it may also throw any AwsError as the response. */
export type QueryFaultRule = (request: StartQueryInput) => QueryFault | undefined;

/** Rejects queries whose text matches `refuse`, and fails those whose text matches `fail`. */
export function faultsByText({
  refuse,
  fail,
}: {
  readonly refuse?: RegExp | undefined;
  readonly fail?: RegExp | undefined;
}): QueryFaultRule {
  return ({ queryString }) => {
    const refused = refuse?.exec(queryString);
    if (refused) {
      const span = { start: refused.index, end: refused.index + refused[0].length };
      return { kind: 'malformed', message: `the text matches ${refuse}, which is refused`, span };
    }
    return fail?.test(queryString) ? { kind: 'failed' } : undefined;
  };
}
