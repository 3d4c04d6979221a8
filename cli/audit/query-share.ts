import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  type AwsErrorKind,
  classifyAwsError,
  ResponseTooLargeError,
} from '../../lambda/aws/call-aws.ts';
import { describeError } from '../../lambda/common/log.ts';
import { valueAt } from '../../lambda/common/parse-input.ts';
import type { Deadline, Timer } from '../../lambda/common/time.ts';
import {
  type AbortableTimer,
  interruptibleDeadline,
  interruptibleTimer,
} from '../common/interruption.ts';

/** Stops work by ending its sleeps and deadlines, and remembers the reason. */
export class Stopper {
  readonly timer: Timer;
  readonly #abort = new AbortController();
  #reason: string | undefined;

  /** @param timer @default - real time */
  constructor(timer?: AbortableTimer) {
    this.timer = interruptibleTimer(this.#abort.signal, timer);
  }

  /** Why everything was stopped, as a clause; undefined until then. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Only the first reason counts. */
  stop(reason: string): void {
    this.#reason ??= reason;
    this.#abort.abort();
  }

  /** Calls back on a stop, or at once if it is stopped already. */
  onStop(callback: () => void): void {
    const { signal } = this.#abort;
    if (signal.aborted) callback();
    else signal.addEventListener('abort', callback, { once: true });
  }

  deadlineIn(milliseconds: number): Deadline {
    return interruptibleDeadline(this.timer, milliseconds, this.#abort.signal);
  }
}

/** Concurrent queries per account and Region, which the monitor and dashboards share. */
export const accountQueriesMax = 100;
/** StartQuery and GetQueryResults each allow 10 calls a second: 20 queries use all of them. */
const callsASecondPerQuery = 0.5;

/** Errors that are retried until the deadline. */
const temporary: ReadonlySet<AwsErrorKind> = new Set(['throttled', 'unavailable', 'lost-answer']);

const stopTriesMax = 5;
const stopPauseMs = 200;

const endStatuses: ReadonlySet<unknown> = new Set(['Complete', 'Failed', 'Cancelled', 'Timeout']);

interface QueryShareOptions {
  /** The number of concurrent queries. */
  readonly concurrency: number;
  /** How long AWS may refuse every call of one operation before everything is stopped. */
  readonly patienceMs: number;
}

/**
 * Limits a client to its share of an account's Logs Insights quotas: a number of concurrent
 * queries, and calls at the corresponding rate, so that a deployed monitor can still work.
 *
 * It intercepts the client's calls, so that it knows every running query, whichever code starts it.
 */
export class QueryShare {
  readonly #options: QueryShareOptions;
  readonly #stopper: Stopper;
  readonly #running = new Set<string>();
  /** By operation, the time at which the next call may be made, on the timer's scale. */
  readonly #nextMs = new Map<string, number>();
  /** By operation, the time since which AWS has refused every call. */
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

  /** The number of started queries that are not known to have ended. */
  get running(): number {
    return this.#running.size;
  }

  /** The number of queries that could not be stopped, or whose StartQuery had no answer. */
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
      // Only a query that has ended returns too many rows for one response.
      if (error instanceof ResponseTooLargeError) this.#ended(queryId);
      throw error;
    }
  }

  /** Retried more than other calls, since a query that is not stopped continues to cost money. */
  async #stop<T>(queryId: string | undefined, call: () => Promise<T>): Promise<T> {
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          return await call();
        } catch (error) {
          if (tries === stopTriesMax || !temporary.has(classifyAwsError(error))) throw error;
          // Not by the work's timer, whose sleeps end at once after a stop.
          await sleep(stopPauseMs * tries);
        }
      }
    } catch (error) {
      // Its caller has given up on it, so it must not occupy a slot.
      if (queryId !== undefined && this.#running.has(queryId)) this.#mayRunOn += 1;
      throw error;
    } finally {
      this.#ended(queryId);
    }
  }

  #ended(queryId: string | undefined): void {
    if (queryId !== undefined && this.#running.delete(queryId)) this.#free();
  }

  /** Waits until another query may run. */
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

  /**
   * Makes a call when its turn comes, and tracks how long AWS has refused all calls of its
   * operation.
   */
  async #paced<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const { timer } = this.#stopper;
    const now = timer.monotonicMs();
    const turnMs = Math.max(now, this.#nextMs.get(operation) ?? now);
    const callsASecond = this.#options.concurrency * callsASecondPerQuery;
    this.#nextMs.set(operation, turnMs + 1000 / callsASecond);
    if (turnMs > now) await timer.sleep(turnMs - now);
    if (this.#stopper.reason !== undefined && operation === 'StartQuery') {
      throw new Error('stopped: no further queries are started');
    }
    try {
      const result = await call();
      this.#refusedSinceMs.delete(operation);
      return result;
    } catch (error) {
      if (temporary.has(classifyAwsError(error))) this.#refused(operation, error);
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
      `AWS has refused every logs:${operation} call for ${Math.round((now - since) / 1000)} s (${describeError(error)})${isThrottled ? ': others use up the account’s Logs Insights quota' : ''}`,
    );
  }
}

function queryIdOf(of: unknown): string | undefined {
  const queryId = valueAt(of, ['queryId']);
  return typeof queryId === 'string' ? queryId : undefined;
}
