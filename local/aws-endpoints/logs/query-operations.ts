import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import type { SourceCommand } from '../../../query-language/syntax/ast.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import {
  type EndTimeReading,
  type EngineQuery,
  type EngineResult,
  endEpochMsOf,
} from '../../insights-engine/engine-types.ts';
import { AwsError, defineOperation } from '../protocol/operation.ts';
import {
  invalidParameter,
  type LogsContext,
  malformedQuery,
  noSuchLogGroup,
  retainedFromEpochMs,
} from './existing-logs.ts';
import { pageOf } from './log-group-operations.ts';
import { queryResults } from './query-response.ts';
import { type QueriesContext, type StartQueryInput, startQueryInputSchema } from './query-store.ts';

/** Logs Insights reads nothing before it became generally available: November 5, 2018. */
const generallyAvailableEpochMs = Date.UTC(2018, 10, 5);

/** What a query reads. */
interface QueryTargets {
  readonly logGroups: readonly string[];
  /** The last millisecond, inclusive. */
  readonly endEpochMs: number;
  /** True when the text names the groups itself, by SOURCE. */
  readonly inText: boolean;
}

/**
 * Finds what StartQuery reads, from its parameters or from SOURCE at the beginning of the text.
 *
 * @throws AwsError for a text that cannot be parsed, for groups that are named both ways or not at
 * all, and for an impossible window
 */
function queryTargets(request: StartQueryInput, endTime: EndTimeReading): QueryTargets {
  if (request.endTime < request.startTime) {
    throw invalidParameter(`endTime ${request.endTime} is before startTime ${request.startTime}`);
  }
  const endEpochMs = endEpochMsOf(request.endTime, endTime);
  if (endEpochMs < generallyAvailableEpochMs) {
    throw invalidParameter('End time should not be before the service was generally available');
  }
  const source = sourceOf(request.queryString);
  const named = namedLogGroups(request);
  if (named && source) {
    throw invalidParameter(
      'log groups are named both by parameters and by SOURCE: remove one of them',
    );
  }
  if (source) {
    const logGroups = source.logGroups.map(({ value }) => value);
    return { logGroups, endEpochMs: source.endEpochMs ?? endEpochMs, inText: true };
  }
  if (named) return { logGroups: named, endEpochMs, inText: false };
  throw invalidParameter(
    'one of logGroupName, logGroupNames and logGroupIdentifiers must be given, or the query must begin with SOURCE',
  );
}

/**
 * @throws AwsError when a group does not exist, or the window ends before the events of every
 *   group
 */
async function checkLogGroups(
  { logGroups, endEpochMs }: QueryTargets,
  { queryString }: StartQueryInput,
  { engine, place, clock, logGroupSettings }: LogsContext,
): Promise<void> {
  const existing = new Map((await engine.logGroups()).map((group) => [group.logGroup, group]));
  const missing = logGroups.find((name) => !existing.has(name));
  if (missing !== undefined) throw noSuchLogGroup(missing, place.accountId);

  const holdsNothing = logGroups.every((name) => {
    const retainedFrom = retainedFromEpochMs(logGroupSettings.get(name), clock.nowEpochMs());
    return Math.max(existing.get(name)?.createdEpochMs ?? 0, retainedFrom) > endEpochMs;
  });
  if (holdsNothing) {
    throw malformedQuery(
      "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings",
      { start: 0, end: queryString.length },
    );
  }
}

function sourceOf(queryString: string): SourceCommand | undefined {
  try {
    const [first] = parseQuery(queryString).commands;
    return first?.kind === 'source' ? first : undefined;
  } catch (error) {
    throw error instanceof QueryError ? malformedQuery(error.message, error.span, error) : error;
  }
}

function namedLogGroups(request: StartQueryInput): readonly string[] | undefined {
  const given = [
    request.logGroupName === undefined ? undefined : [request.logGroupName],
    request.logGroupNames,
    request.logGroupIdentifiers,
  ].filter((names) => names !== undefined);
  if (given.length > 1) {
    throw invalidParameter(
      'exactly one of logGroupName, logGroupNames and logGroupIdentifiers can be given',
    );
  }
  return given[0] && [...new Set(given[0])];
}

/** Quota per account and Region; dashboards and scheduled queries count, too. */
const maxConcurrentQueries = 100;

/** How long StartQuery waits for the query, so that it can return the query's error. */
const patienceMs = 1000;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
export const startQuery = defineOperation(
  'StartQuery',
  'InvalidParameterException',
  startQueryInputSchema,
  async (request, context: QueriesContext) => {
    const fault = context.queryFault(request);
    if (fault?.kind === 'malformed') {
      const span = fault.span ?? { start: 0, end: request.queryString.length };
      throw malformedQuery(fault.message, span);
    }
    const targets = queryTargets(request, context.endTime);
    await checkLogGroups(targets, request, context);
    if (context.queries.running >= maxConcurrentQueries) {
      throw new AwsError(
        'LimitExceededException',
        `Account maximum query concurrency limit of [${maxConcurrentQueries}] reached.`,
      );
    }
    if (fault?.kind === 'failed') {
      const queryId = randomUUID();
      context.queries.fail(queryId);
      return { queryId };
    }
    const query: EngineQuery = {
      queryString: request.queryString,
      startEpochSeconds: request.startTime,
      endEpochSeconds: request.endTime,
      endTime: context.endTime,
      nowEpochMs: context.clock.nowEpochMs(),
      ...(!targets.inText && { logGroups: targets.logGroups }),
      ...(request.limit !== undefined && { limit: request.limit }),
    };
    return { queryId: await start(query, context) };
  },
);

async function start(query: EngineQuery, { engine, queries }: QueriesContext): Promise<string> {
  const queryId = randomUUID();
  const run = engine.run(query);
  queries.start(queryId, run);
  try {
    await settledOrPatient(run);
  } catch (error) {
    queries.forget(queryId);
    throw error instanceof QueryError ? malformedQuery(error.message, error.span, error) : error;
  }
  return queryId;
}

async function settledOrPatient(run: Promise<EngineResult>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  try {
    await Promise.race([run, patience]);
  } finally {
    clearTimeout(timer);
  }
}

const maxPageRows = 10_000;

const resultsInput = z.object({
  queryId: z.string().min(1).max(256),
  maxItems: z.int().min(1).max(maxPageRows).default(maxPageRows),
  nextToken: z.string().min(1).optional(),
});

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
 *
 * A running query has no rows, while AWS may already return some.
 */
export const getQueryResults = defineOperation(
  'GetQueryResults',
  'InvalidParameterException',
  resultsInput,
  ({ queryId, maxItems, nextToken }, { queries }: QueriesContext) => {
    const state = queries.get(queryId);
    if (!state) throw new AwsError('ResourceNotFoundException', `there is no query ${queryId}`);
    if (state.status !== 'Complete') return queryResults(state.status);

    const page = pageOf(state.result.rows, maxItems, nextToken);
    return { ...queryResults('Complete', state.result), results: page.items, ...page.next };
  },
);

const input = z.object({ queryId: z.string().min(1).max(256) });

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html */
export const stopQuery = defineOperation(
  'StopQuery',
  'InvalidParameterException',
  input,
  ({ queryId }, { queries }: QueriesContext) => {
    const state = queries.get(queryId);
    if (!state) throw new AwsError('ResourceNotFoundException', `there is no query ${queryId}`);
    if (!queries.cancel(queryId)) {
      throw new AwsError(
        'InvalidParameterException',
        `the query ${queryId} is not running: it is ${state.status}`,
      );
    }
    return { success: true };
  },
);
