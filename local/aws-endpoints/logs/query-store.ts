import type { EndTimeReading } from '../../insights-engine/end-time.ts';
import type { EngineResult } from '../../insights-engine/engine-types.ts';
import type { LogsContext } from './existing-logs.ts';
import type { QueryFaultRule } from './query-fault.ts';

export interface QueriesContext extends LogsContext {
  readonly endTime: EndTimeReading;
  readonly queryFault: QueryFaultRule;
  readonly queries: QueryStore;
}

export type StartedQuery =
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
