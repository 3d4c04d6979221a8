import { randomUUID } from 'node:crypto';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import type { EngineQuery, EngineResult } from '../../insights-engine/engine-types.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation } from '../protocol/operation.ts';
import { malformedQuery } from './logs-errors.ts';
import type { QueriesContext } from './query-store.ts';
import { checkLogGroups, queryTargets } from './query-targets.ts';
import { startQueryInputSchema } from './start-query-input.ts';

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
