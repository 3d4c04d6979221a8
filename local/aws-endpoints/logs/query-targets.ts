import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import type { SourceCommand } from '../../../query-language/syntax/ast.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { type EndTimeReading, endEpochMsOf } from '../../insights-engine/end-time.ts';
import type { LogsContext } from './existing-logs.ts';
import { retainedFromEpochMs } from './log-group-settings.ts';
import { invalidParameter, malformedQuery, noSuchLogGroup } from './logs-errors.ts';
import type { StartQueryInput } from './start-query-input.ts';

/** Logs Insights reads nothing before it became generally available: November 5, 2018. */
const generallyAvailableEpochMs = Date.UTC(2018, 10, 5);

/** What a query reads. */
export interface QueryTargets {
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
