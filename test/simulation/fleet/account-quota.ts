import { secondMs } from '../../../lambda/common/time.ts';
import { serviceError } from '../services/service-error.ts';

/** Calls a second that an account may make of an operation in a Region. */
const callsPerSecond: Readonly<Record<string, number>> = {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
  StartQuery: 10,
  GetQueryResults: 10,
  DescribeLogGroups: 10,
};

interface RunningQuery {
  readonly startEpochMs: number;
  endEpochMs: number;
}

/** How many queries ran at once, from a moment until that of the next one. */
export interface Running {
  readonly epochMs: number;
  readonly queries: number;
}

/** What all monitors of an account and Region share: queries at once, and calls a second. */
export class AccountQuota {
  readonly #queriesMax: number;
  readonly #queries: RunningQuery[] = [];
  /** Those that may still run. */
  #recent: RunningQuery[] = [];
  readonly #calls = new Map<string, { second: number; calls: number }>();
  /** How often a call was refused, by operation. */
  readonly refused = new Map<string, number>();

  constructor(queriesMax: number) {
    this.#queriesMax = queriesMax;
  }

  /** @throws when the account has used up the calls of this second */
  call(operation: string, nowEpochMs: number): void {
    const most = callsPerSecond[operation];
    if (most === undefined) return;
    const second = Math.floor(nowEpochMs / secondMs);
    const before = this.#calls.get(operation);
    const calls = before?.second === second ? before.calls + 1 : 1;
    this.#calls.set(operation, { second, calls });
    if (calls <= most) return;
    this.#refuse(operation);
    throw serviceError('ThrottlingException', 'Rate exceeded');
  }

  /** @throws when as many queries run as may */
  startQuery(startEpochMs: number): RunningQuery {
    this.#recent = this.#recent.filter(({ endEpochMs }) => endEpochMs > startEpochMs);
    if (this.#recent.length >= this.#queriesMax) {
      this.#refuse('queries at once');
      throw serviceError(
        'LimitExceededException',
        `Account maximum query concurrency limit of [${this.#queriesMax}] reached.`,
      );
    }
    const query = { startEpochMs, endEpochMs: Number.POSITIVE_INFINITY };
    this.#recent.push(query);
    this.#queries.push(query);
    return query;
  }

  /** Every change of the number of queries that run at once, in the order of time. */
  running(): Running[] {
    const changes = new Map<number, number>();
    const add = (epochMs: number, by: number) =>
      changes.set(epochMs, (changes.get(epochMs) ?? 0) + by);
    for (const { startEpochMs, endEpochMs } of this.#queries) {
      add(startEpochMs, 1);
      add(endEpochMs, -1);
    }
    let queries = 0;
    return [...changes]
      .toSorted(([a], [b]) => a - b)
      .map(([epochMs, by]) => {
        queries += by;
        return { epochMs, queries };
      });
  }

  #refuse(what: string): void {
    this.refused.set(what, (this.refused.get(what) ?? 0) + 1);
  }
}
