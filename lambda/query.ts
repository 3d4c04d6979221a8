import type { CloudWatchLogsClient, ResultField } from '@aws-sdk/client-cloudwatch-logs';
import type { AwsErrorKind } from './aws-errors.ts';
import type { CallShell } from './call-aws.ts';
import type { Window } from './windows.ts';

export interface QueryShell extends CallShell {
  readonly logs: CloudWatchLogsClient;
}

export interface QueryRequest {
  readonly queryString: string;
  readonly logGroups: readonly string[];
  readonly window: Window;
  /** Rows that StartQuery is to return at the most. @default what the text says */
  readonly limit?: number;
  /** Rows of the first pages. @default - see query-results.ts */
  readonly pageRows?: number;
  /** The text compiles for certain: when it is refused, that is about a log group. @default false */
  readonly isTextKnownGood?: boolean;
}

export type ResultRow = readonly ResultField[];

/** The answer of a query that ended as Complete; its rows went to the sink, page by page. */
export interface QueryAnswer {
  readonly bytesScanned: number;
  /** Rows were left out: it holds more than the sink took. */
  readonly isCutOff: boolean;
  /** Fewer log groups were scanned than it was asked for. */
  readonly isDoubtful: boolean;
}

/** A query that gave no answer; its partial rows are thrown away. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** What StartQuery itself failed with; undefined when the query had started. */
  readonly startFailure: AwsErrorKind | undefined;
  /** The query itself ended as Failed, for which no reason is given: one group can be the cause. */
  readonly hasFailed: boolean;
  /** What the query had scanned, and bills, when it was last seen. */
  readonly bytesScanned: number;

  constructor(
    message: string,
    details: {
      startFailure?: AwsErrorKind;
      hasFailed?: boolean;
      bytesScanned?: number;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.startFailure = details.startFailure;
    this.hasFailed = details.hasFailed ?? false;
    this.bytesScanned = details.bytesScanned ?? 0;
  }
}

/** Takes the rows of one answer, page by page. */
export interface RowSink {
  /** @returns `enough` when no further page of this answer is wanted */
  take(rows: readonly unknown[]): 'more' | 'enough';
}
