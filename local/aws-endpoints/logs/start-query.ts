import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseQuery } from '../../../query-language/parse-query.ts';
import { QueryError } from '../../../query-language/query-error.ts';
import type { EngineQuery, EngineResult } from '../../insights-engine/engine-types.ts';
import { AwsError } from '../aws-error.ts';
import { defineOperation, type EndpointContext } from '../operation.ts';
import { logGroupIdentifierSchema, logGroupNameSchema } from './log-group-name.ts';

/** Logs Insights answers nothing before it was generally available: November 5, 2018. */
const generallyAvailableEpochSeconds = Date.UTC(2018, 10, 5) / 1000;

/** Quota of an account and Region; dashboards and scheduled queries count, too. */
const maxConcurrentQueries = 100;

/** How long StartQuery waits for the query, so that what is wrong with it is its answer. */
const patienceMs = 1000;

const input = z.object({
  queryLanguage: z.literal('CWLI', 'only the language CWLI is answered here').optional(),
  logGroupName: logGroupNameSchema.optional(),
  logGroupNames: z.array(logGroupNameSchema).min(1).max(50).optional(),
  logGroupIdentifiers: z.array(logGroupIdentifierSchema).min(1).max(50).optional(),
  startTime: z.int().min(0),
  endTime: z.int().min(0),
  queryString: z.string().max(10_000),
  limit: z.int().min(1).max(100_000).optional(),
});

type StartQueryInput = z.output<typeof input>;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
export const startQuery = defineOperation(
  'StartQuery',
  'InvalidParameterException',
  input,
  async (request, context) => {
    checkWindow(request);
    const sources = sourcesOf(request.queryString);
    const logGroups = namedLogGroups(request);
    checkNamedOnce(logGroups, sources);
    await checkLogGroups(logGroups ?? sources ?? [], request, context);
    if (context.queries.running >= maxConcurrentQueries) {
      throw new AwsError(
        'LimitExceededException',
        `Account maximum query concurrency limit of [${maxConcurrentQueries}] reached.`,
      );
    }
    return { queryId: await start(request, logGroups, context) };
  },
);

/**
 * @returns the log groups that the text names by SOURCE, or undefined
 * @throws AwsError MalformedQueryException for a text that cannot be parsed
 */
function sourcesOf(queryString: string): readonly string[] | undefined {
  try {
    const [first] = parseQuery(queryString).commands;
    return first?.kind === 'source' ? first.logGroups.map(({ value }) => value) : undefined;
  } catch (error) {
    throw error instanceof QueryError ? malformedQuery(error.message, error.span, error) : error;
  }
}

/** @returns the log groups of the request's parameters, or undefined when there are none */
function namedLogGroups(request: StartQueryInput): readonly string[] | undefined {
  const given = [
    request.logGroupName === undefined ? undefined : [request.logGroupName],
    request.logGroupNames,
    request.logGroupIdentifiers,
  ].filter((names) => names !== undefined);
  if (given.length > 1) {
    throw new AwsError(
      'InvalidParameterException',
      'exactly one of logGroupName, logGroupNames and logGroupIdentifiers can be given',
    );
  }
  return given[0] && [...new Set(given[0])];
}

function checkNamedOnce(
  parameters: readonly string[] | undefined,
  sources: readonly string[] | undefined,
): void {
  if (!parameters && !sources) {
    throw new AwsError(
      'InvalidParameterException',
      'one of logGroupName, logGroupNames and logGroupIdentifiers must be given, or the query must begin with SOURCE',
    );
  }
  if (parameters && sources) {
    throw new AwsError(
      'InvalidParameterException',
      'log groups are named by parameters and by SOURCE: one of them must go',
    );
  }
}

function checkWindow({ startTime, endTime }: StartQueryInput): void {
  if (endTime < startTime) {
    throw new AwsError(
      'InvalidParameterException',
      `endTime ${endTime} is before startTime ${startTime}`,
    );
  }
  if (endTime < generallyAvailableEpochSeconds) {
    throw new AwsError(
      'InvalidParameterException',
      'End time should not be before the service was generally available',
    );
  }
}

async function checkLogGroups(
  logGroups: readonly string[],
  { endTime, queryString }: StartQueryInput,
  { engine, place }: EndpointContext,
): Promise<void> {
  const existing = new Map((await engine.logGroups()).map((group) => [group.logGroup, group]));
  const missing = logGroups.find((name) => !existing.has(name));
  if (missing !== undefined) throw noSuchLogGroup(missing, place.accountId);

  const endEpochMs = endTime * 1000 + 999;
  const allCreatedLater = logGroups.every(
    (name) => (existing.get(name)?.createdEpochMs ?? 0) > endEpochMs,
  );
  if (allCreatedLater) {
    throw malformedQuery(
      "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings",
      { start: 0, end: queryString.length },
    );
  }
}

async function start(
  request: StartQueryInput,
  logGroups: readonly string[] | undefined,
  { engine, queries, clock, place }: EndpointContext,
): Promise<string> {
  const query: EngineQuery = {
    queryString: request.queryString,
    startEpochSeconds: request.startTime,
    endEpochSeconds: request.endTime,
    nowEpochMs: clock.nowEpochMs(),
    ...(logGroups && { logGroups }),
    ...(request.limit !== undefined && { limit: request.limit }),
  };
  const queryId = randomUUID();
  const run = engine.run(query);
  queries.start(queryId, run);
  try {
    await settledOrPatient(run);
  } catch (error) {
    queries.forget(queryId);
    if (error instanceof QueryError) throw malformedQuery(error.message, error.span, error);
    if (error instanceof Error && error.name === 'UnknownLogGroupError') {
      throw new AwsError(
        'ResourceNotFoundException',
        `${error.message} (account ${place.accountId})`,
      );
    }
    throw error;
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

function malformedQuery(
  message: string,
  { start, end }: { start: number; end: number },
  cause?: unknown,
): AwsError {
  return new AwsError('MalformedQueryException', `${message} ([${start},${end}])`, {
    cause,
    details: {
      queryCompileError: { location: { startCharOffset: start, endCharOffset: end }, message },
    },
  });
}

export function noSuchLogGroup(logGroup: string, accountId: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Log group '${logGroup}' does not exist for account ID '${accountId}'`,
  );
}
