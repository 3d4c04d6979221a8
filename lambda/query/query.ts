import type { CloudWatchLogsClient, ResultField } from '@aws-sdk/client-cloudwatch-logs';
import type { AwsErrorKind, CallShell } from '../aws/call-aws.ts';
import type { Window } from '../model/windows.ts';

export interface QueryShell extends CallShell {
  readonly logs: CloudWatchLogsClient;
}

export interface QueryRequest {
  readonly queryString: string;
  readonly logGroups: readonly string[];
  readonly window: Window;
  /** StartQuery's parameter `limit`, in rows. @default the limit in the text */
  readonly limit?: number;
  /** Rows a page, until one is too large. @default see run-query.ts */
  readonly pageRows?: number;
  /** The text certainly compiles: a refusal must be about a log group. @default false */
  readonly isTextKnownGood?: boolean;
}

export type ResultRow = readonly ResultField[];

/** The answer of a query with status Complete; its rows went to the sink, page by page. */
export interface QueryAnswer {
  readonly bytesScanned: number;
  /** Whether rows were left out: the answer has more than the sink took. */
  readonly isCutOff: boolean;
  /** Whether fewer log groups were scanned than were queried. */
  readonly isDoubtful: boolean;
}

/** A query that gave no answer; its partial rows are thrown away. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** How StartQuery itself failed; undefined when the query had started. */
  readonly startFailure: AwsErrorKind | undefined;
  /** How long StartQuery took with its retries: it waits while the account runs its most queries. */
  readonly startMs: number;
  /**
   * The query ended with status Failed, for which AWS gives no reason: one group can be the cause.
   */
  readonly hasFailed: boolean;
  /** The bytes that the query had scanned, and that are billed, when it was last polled. */
  readonly bytesScanned: number;

  constructor(
    message: string,
    details: {
      startFailure?: AwsErrorKind;
      startMs?: number;
      hasFailed?: boolean;
      bytesScanned?: number;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.startFailure = details.startFailure;
    this.startMs = details.startMs ?? 0;
    this.hasFailed = details.hasFailed ?? false;
    this.bytesScanned = details.bytesScanned ?? 0;
  }
}

/** Takes the rows of one answer, page by page. */
export interface RowSink {
  /** @returns `enough` when no further page of this answer is wanted */
  take(rows: readonly unknown[]): 'more' | 'enough';
}
