import { z } from 'zod';
import type { EndTimeReading, EngineResult } from '../../insights-engine/engine-types.ts';
import { type LogsContext, logGroupIdentifierSchema, logGroupNameSchema } from './existing-logs.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
export const startQueryInputSchema = z.object({
  queryLanguage: z.literal('CWLI', 'only the language CWLI is supported here').optional(),
  logGroupName: logGroupNameSchema.optional(),
  logGroupNames: z.array(logGroupNameSchema).min(1).max(50).optional(),
  logGroupIdentifiers: z.array(logGroupIdentifierSchema).min(1).max(50).optional(),
  /**
   * Epoch seconds, both inclusive; how much of the last second counts is the endpoints' `endTime`.
   */
  startTime: z.int().min(0),
  endTime: z.int().min(0),
  queryString: z.string().max(10_000),
  limit: z.int().min(1).max(100_000).optional(),
});

export type StartQueryInput = z.output<typeof startQueryInputSchema>;

/** A fault injected into one query, besides the engine's own errors. */
type QueryFault =
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

export interface QueriesContext extends LogsContext {
  readonly endTime: EndTimeReading;
  readonly queryFault: QueryFaultRule;
  readonly queries: QueryStore;
}

type StartedQuery =
  | { readonly status: 'Running' }
  | { readonly status: 'Complete'; readonly result: EngineResult }
  | { readonly status: 'Failed' | 'Cancelled' };

/** Beyond this number, the oldest results are dropped: a long session would fill the memory. */
const keptQueries = 1000;

/** Started queries by id, with their states and results. */
export class QueryStore {
  readonly #states = new Map<string, StartedQuery>();

  start(queryId: string, run: Promise<EngineResult>): void {
    this.#add(queryId, { status: 'Running' });
    run.then(
      (result) => this.#end(queryId, { status: 'Complete', result }),
      () => this.#end(queryId, { status: 'Failed' }),
    );
  }

  /** Adds a query that has failed already. */
  fail(queryId: string): void {
    this.#add(queryId, { status: 'Failed' });
  }

  get(queryId: string): StartedQuery | undefined {
    return this.#states.get(queryId);
  }

  /** @returns false when no such query is running */
  cancel(queryId: string): boolean {
    if (this.#states.get(queryId)?.status !== 'Running') return false;
    this.#states.set(queryId, { status: 'Cancelled' });
    return true;
  }

  forget(queryId: string): void {
    this.#states.delete(queryId);
  }

  get running(): number {
    return [...this.#states.values()].filter(({ status }) => status === 'Running').length;
  }

  #add(queryId: string, state: StartedQuery): void {
    this.#states.set(queryId, state);
    for (const [oldest, { status }] of this.#states) {
      if (this.#states.size <= keptQueries) break;
      if (status !== 'Running' && oldest !== queryId) this.#states.delete(oldest);
    }
  }

  #end(queryId: string, state: StartedQuery): void {
    if (this.#states.get(queryId)?.status === 'Running') this.#states.set(queryId, state);
  }
}
