import type { SourceCommand } from '../../../query-language/ast.ts';
import { parseQuery } from '../../../query-language/parse-query.ts';
import { QueryError } from '../../../query-language/query-error.ts';
import { type EndTimeReading, endEpochMsOf } from '../../insights-engine/end-time.ts';
import type { LogsContext } from './existing-logs.ts';
import { retainedFromEpochMs } from './log-group-settings.ts';
import { invalidParameter, malformedQuery, noSuchLogGroup } from './logs-errors.ts';
import type { StartQueryInput } from './start-query-input.ts';

/** Logs Insights answers nothing before it was generally available: November 5, 2018. */
const generallyAvailableEpochMs = Date.UTC(2018, 10, 5);

/** What a query reads. */
export interface QueryTargets {
  readonly logGroups: readonly string[];
  /** The last millisecond, included. */
  readonly endEpochMs: number;
  /** True when the text says itself, by SOURCE, what it reads. */
  readonly inText: boolean;
}

/**
 * Decides what StartQuery is to read, by its parameters or by SOURCE at the beginning of the text.
 *
 * @throws AwsError for a text that cannot be parsed, for groups that are named twice or not at all,
 * and for a window that cannot be
 */
export function queryTargets(request: StartQueryInput, endTime: EndTimeReading): QueryTargets {
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
    throw invalidParameter('log groups are named by parameters and by SOURCE: one of them must go');
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

/** @throws AwsError when a group is missing, or the window ends before what all of them hold */
export async function checkLogGroups(
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
