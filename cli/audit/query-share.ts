import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { type AwsErrorKind, classifyAwsError } from '../../lambda/aws-errors.ts';
import { describeError } from '../../lambda/log.ts';
import { ResponseTooLargeError } from '../../lambda/response-limit.ts';
import { valueAt } from '../../lambda/value-at.ts';
import type { Stopper } from './stopper.ts';

/** Queries of an account and Region that may run at once; those of the monitor and of dashboards count. */
export const accountQueriesMax = 100;
/** StartQuery and GetQueryResults are each allowed 10 times a second: at 20 queries, the share is all. */
const callsASecondPerQuery = 0.5;

/** What is tried again and again, as long as there is time. */
const passing: ReadonlySet<AwsErrorKind> = new Set(['throttled', 'unavailable', 'lost-answer']);

const stopTriesMax = 5;
const stopPauseMs = 200;

const endStatuses: ReadonlySet<unknown> = new Set(['Complete', 'Failed', 'Cancelled', 'Timeout']);

export interface QueryShareOptions {
  /** Queries at once. */
  readonly concurrency: number;
  /** How long AWS may refuse one kind of call, without taking one, before everything is stopped. */
  readonly patienceMs: number;
}

/**
 * Keeps a client to its share of what an account may ask of Logs Insights: so many queries at once,
 * and calls at a pace that goes with it, so that a deployed monitor can still work beside it.
 *
 * It watches the calls themselves: which queries run is exact, whoever starts them.
 */
export class QueryShare {
  readonly #options: QueryShareOptions;
  readonly #stopper: Stopper;
  readonly #running = new Set<string>();
  /** By operation, when the next call may be made, on the timer's scale. */
  readonly #nextMs = new Map<string, number>();
  /** By operation, since when AWS has refused each call of it. */
  readonly #refusedSinceMs = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #mayRunOn = 0;

  constructor(stopper: Stopper, options: QueryShareOptions) {
    this.#options = options;
    this.#stopper = stopper;
    stopper.onStop(() => {
      for (const go of this.#waiting.splice(0)) go();
    });
  }

  /** Queries that were started and whose end nobody has seen. */
  get running(): number {
    return this.#running.size;
  }

  /** Queries that could not be stopped, or to whose start AWS gave no answer: they end by themselves. */
  get mayRunOn(): number {
    return this.#mayRunOn;
  }

  watch(client: CloudWatchLogsClient): void {
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          switch (commandName) {
            case 'StartQueryCommand':
              return this.#start(() => next(args));
            case 'GetQueryResultsCommand':
              return this.#results(queryIdOf(args.input), () => next(args));
            case 'StopQueryCommand':
              return this.#stop(queryIdOf(args.input), () => next(args));
            default:
              return next(args);
          }
        },
      { step: 'initialize', name: 'queryShare' },
    );
  }

  async #start<T extends { readonly output: object }>(call: () => Promise<T>): Promise<T> {
    await this.#slot();
    let queryId: string | undefined;
    try {
      const result = await this.#paced('StartQuery', call);
      queryId = queryIdOf(result.output);
      return result;
    } catch (error) {
      if (classifyAwsError(error) === 'lost-answer') this.#mayRunOn += 1;
      throw error;
    } finally {
      if (queryId === undefined) this.#free();
      else this.#running.add(queryId);
    }
  }

  async #results<T extends { readonly output: object }>(
    queryId: string | undefined,
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      const result = await this.#paced('GetQueryResults', call);
      if (endStatuses.has(valueAt(result.output, ['status']))) this.#ended(queryId);
      return result;
    } catch (error) {
      // Rows that are too many for one response are those of a query that has ended.
      if (error instanceof ResponseTooLargeError) this.#ended(queryId);
      throw error;
    }
  }

  /** Tried harder than other calls, since what it costs goes on when it fails. */
  async #stop<T>(queryId: string | undefined, call: () => Promise<T>): Promise<T> {
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          return await call();
        } catch (error) {
          if (tries === stopTriesMax || !passing.has(classifyAwsError(error))) throw error;
          // Not by the timer of the work, which is over.
          await sleep(stopPauseMs * tries);
        }
      }
    } catch (error) {
      // Whoever waited for it has given it up; it keeps no place.
      if (queryId !== undefined && this.#running.has(queryId)) this.#mayRunOn += 1;
      throw error;
    } finally {
      this.#ended(queryId);
    }
  }

  #ended(queryId: string | undefined): void {
    if (queryId !== undefined && this.#running.delete(queryId)) this.#free();
  }

  /** Waits until a query more may run. */
  async #slot(): Promise<void> {
    while (this.#taken >= this.#options.concurrency && this.#stopper.reason === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#taken += 1;
  }

  #free(): void {
    this.#taken -= 1;
    this.#waiting.shift()?.();
  }

  /** Makes a call when its turn comes, and notices when AWS refuses all calls of its kind. */
  async #paced<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const { timer } = this.#stopper;
    const now = timer.monotonicMs();
    const turnMs = Math.max(now, this.#nextMs.get(operation) ?? now);
    const callsASecond = this.#options.concurrency * callsASecondPerQuery;
    this.#nextMs.set(operation, turnMs + 1000 / callsASecond);
    if (turnMs > now) await timer.sleep(turnMs - now);
    if (this.#stopper.reason !== undefined && operation === 'StartQuery') {
      throw new Error('no query is started any more');
    }
    try {
      const result = await call();
      this.#refusedSinceMs.delete(operation);
      return result;
    } catch (error) {
      if (passing.has(classifyAwsError(error))) this.#refused(operation, error);
      throw error;
    }
  }

  #refused(operation: string, error: unknown): void {
    const now = this.#stopper.timer.monotonicMs();
    const since = this.#refusedSinceMs.get(operation) ?? now;
    this.#refusedSinceMs.set(operation, since);
    if (now - since < this.#options.patienceMs) return;
    const isThrottled = classifyAwsError(error) === 'throttled';
    this.#stopper.stop(
      `AWS has answered no logs:${operation} for ${Math.round((now - since) / 1000)} s (${describeError(error)})${isThrottled ? ': others use what the account may ask of Logs Insights' : ''}`,
    );
  }
}

function queryIdOf(of: unknown): string | undefined {
  const queryId = valueAt(of, ['queryId']);
  return typeof queryId === 'string' ? queryId : undefined;
}
