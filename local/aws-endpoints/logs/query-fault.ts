import type { StartQueryInput } from './start-query-input.ts';

/** Something that is wrong with one query, beside what the engine itself finds. */
export type QueryFault =
  /** StartQuery answers MalformedQueryException; the span counts characters of the text. */
  | {
      readonly kind: 'malformed';
      readonly message: string;
      /** @default - the whole text */
      readonly span?: { readonly start: number; readonly end: number };
    }
  /** StartQuery takes the query, and it ends with the status Failed. */
  | { readonly kind: 'failed' };

/** Decides on each StartQuery; it may also throw any AwsError as the answer. */
export type QueryFaultRule = (request: StartQueryInput) => QueryFault | undefined;

/** Refuses the texts that match one expression, and fails the queries whose texts match the other. */
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
