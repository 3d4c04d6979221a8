import type {
  GetQueryResultsCommandInput,
  StartQueryCommandInput,
  StopQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { dayMs } from '../../../lambda/common/time.ts';
import type { StoredLine } from '../log-line.ts';
import { documentedLiteral, documentedQuery } from '../plan.ts';
import type { SimulatedLogGroup } from './log-groups.ts';
import { readQueryText } from './query-text.ts';
import { packRow, type Row, type RowForms } from './result-rows.ts';
import { serviceError } from './service-error.ts';

/** How a query ends. */
export type QueryFate =
  | 'Complete'
  | 'Failed'
  | 'Timeout'
  | 'Cancelled'
  /** Its status stays Unknown. */
  | 'Unknown'
  | 'never-ends';

export interface QueryCourse {
  readonly fate: QueryFate;
  readonly waitsMs: number;
  readonly runsMs: number;
  /** Rows a page holds. */
  readonly pageRows: number;
  /** How many log groups its statistics leave out. */
  readonly groupsDoubtful: number;
}

/** One query as it was started. */
export interface SimulatedQuery {
  readonly queryString: string;
  readonly groups: readonly string[];
  /** As sent, in whole seconds. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** The last millisecond that was read, as its `endTime` is read. */
  readonly lastEpochMs: number;
  /** The lines that its answer is about. */
  readonly lines: readonly StoredLine[];
  /** The lines with a row of their own; the documented query has no such rows. */
  readonly shown: readonly StoredLine[];
  /** Rows that were asked for. */
  readonly rowsMax: number;
  /** More lines matched than an answer holds. */
  readonly isCutOff: boolean;
  readonly rows: readonly Row[];
  readonly course: QueryCourse;
  readonly startedEpochMs: number;
  stopped: boolean;
  /** Whether the caller has seen the last row of a complete answer. */
  answered: boolean;
  /** How many rows of a complete answer were given, counted from the first. */
  rowsGiven: number;
}

/**
 * How far a query's `endTime` reaches, which AWS's documents leave open: to the last millisecond of that
 * second, or to its first one. https://github.com/aws/aws-sdk/issues/280
 */
export const endTimes = ['second', 'millisecond'] as const;

export type EndTime = (typeof endTimes)[number];

/** What AWS leaves open, or may change. */
export interface InsightsManner {
  readonly rowForms: RowForms;
  readonly endTime: EndTime;
  /** How a query ends that begins in the second in which it ends. */
  readonly sameSecond: SameSecond;
  /** How a text is received, whatever the log groups. @default it is accepted */
  readonly fateOf: (queryString: string, nowEpochMs: number) => 'refused' | 'fails' | undefined;
}

export const sameSeconds = [
  'accepted',
  'InvalidParameterException',
  'MalformedQueryException',
  'Failed',
] as const;

export type SameSecond = (typeof sameSeconds)[number];

const usualManner: InsightsManner = {
  rowForms: 'usual',
  endTime: 'second',
  sameSecond: 'accepted',
  fateOf: () => undefined,
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
const maxPageRows = 10_000;
/** Rows of a query that asks for no number: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html */
const usualRowsMax = 10_000;
const groupsMax = 1_000;
/** What a query scans for a line. */
const bytesOfLine = 100;

const windowMessage =
  "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings";

/**
 * CloudWatch Logs Insights over the simulated log groups: it reads the texts
 * that it is sent by themselves, and answers as AWS documents: partial rows while a query runs, one
 * missing log group fails the whole query; and where that is open, in the manner that it is given.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export class SimulatedInsights {
  readonly #groups: ReadonlyMap<string, SimulatedLogGroup>;
  readonly #manner: InsightsManner;
  readonly #queries = new Map<string, SimulatedQuery>();
  /** Queries that begin in the second in which they end, and were refused. */
  readonly #refusedSeconds: { readonly groups: readonly string[]; readonly seconds: number }[] = [];

  constructor(
    groups: ReadonlyMap<string, SimulatedLogGroup>,
    manner: Partial<InsightsManner> = {},
  ) {
    this.#groups = groups;
    this.#manner = { ...usualManner, ...manner };
  }

  query(queryId: string | undefined): SimulatedQuery {
    const query = this.#queries.get(queryId ?? '');
    if (query === undefined) throw serviceError('ResourceNotFoundException', 'no such query');
    return query;
  }

  /** The bytes of all queries, whatever became of their answers. */
  bytesScanned(): number {
    return [...this.#queries.values()].reduce(
      (sum, { lines }) => sum + lines.length * bytesOfLine,
      0,
    );
  }

  /** Seconds (epoch milliseconds) of a log group that were asked for alone, in vain. */
  unansweredSeconds(logGroup: string): ReadonlySet<number> {
    const failed = [...this.#queries.values()]
      .filter(
        ({ startSeconds, endSeconds, course }) =>
          startSeconds === endSeconds && course.fate !== 'Complete',
      )
      .map(({ groups, startSeconds }) => ({ groups, seconds: startSeconds }));
    return new Set(
      [...this.#refusedSeconds, ...failed]
        .filter(({ groups }) => groups.includes(logGroup))
        .map(({ seconds }) => seconds * 1000),
    );
  }

  startQuery(input: StartQueryCommandInput, nowEpochMs: number, course: QueryCourse) {
    const { startTime = 0, endTime = 0, queryString = '', logGroupNames = [], limit } = input;
    const { endTime: reading, sameSecond } = this.#manner;
    const isOneSecond = endTime === startTime;
    const isFailedSecond = isOneSecond && sameSecond === 'Failed';
    if (endTime < startTime || (isOneSecond && sameSecond.endsWith('Exception'))) {
      if (isOneSecond) this.#refusedSeconds.push({ groups: logGroupNames, seconds: endTime });
      const name = isOneSecond ? sameSecond : 'InvalidParameterException';
      throw serviceError(name, 'End time should be after start time');
    }
    const fate = this.#manner.fateOf(queryString, nowEpochMs);
    if (fate === 'refused') throw compileError(queryString);
    const lastEpochMs = endTime * 1000 + (reading === 'second' ? 999 : 0);
    const groups = logGroupNames.map((name) => this.#readable(name));
    if (!groups.every((group) => mayHold(group, lastEpochMs, nowEpochMs))) {
      throw serviceError('MalformedQueryException', windowMessage);
    }
    const lines = groups
      .flatMap((group) => group.visibleLines(startTime * 1000, lastEpochMs, nowEpochMs))
      .sort((a, b) => a.epochMs - b.epochMs);
    const queryId = `query-${this.#queries.size + 1}`;
    this.#queries.set(queryId, {
      ...{ queryString, startSeconds: startTime, endSeconds: endTime, lastEpochMs, lines },
      course: fate === 'fails' || isFailedSecond ? { ...course, fate: 'Failed' } : course,
      ...this.#rowsOf(queryString, lines, limit),
      groups: logGroupNames,
      startedEpochMs: nowEpochMs,
      stopped: false,
      answered: false,
      rowsGiven: 0,
    });
    return { queryId };
  }

  getQueryResults(input: GetQueryResultsCommandInput, nowEpochMs: number) {
    const { queryId, nextToken, maxItems = maxPageRows } = input;
    if (!(Number.isInteger(maxItems) && maxItems >= 1 && maxItems <= maxPageRows)) {
      throw serviceError('InvalidParameterException', `maxItems ${maxItems} is not 1 to 10000`);
    }
    const query = this.query(queryId);
    const { rows, groups, lines, course } = query;
    const pageRows = Math.min(course.pageRows, maxItems);
    const status = statusOf(query, nowEpochMs);
    const from = Number(nextToken ?? 0);
    const isWhole = status === 'Complete';
    // Partial rows of a running query look like a whole answer.
    const shown = isWhole ? rows.slice(from, from + pageRows) : partOf(rows).slice(0, maxItems);
    const isLast = !isWhole || from + pageRows >= rows.length;
    if (isWhole && isLast) query.answered = true;
    if (isWhole) query.rowsGiven = Math.max(query.rowsGiven, from + shown.length);
    return {
      status,
      results: status === 'Scheduled' ? [] : shown.map((row) => [...row]),
      statistics: {
        bytesScanned: lines.length * bytesOfLine,
        logGroupsScanned: groups.length - course.groupsDoubtful,
      },
      ...(!isLast && { nextToken: String(from + pageRows) }),
    };
  }

  stopQuery({ queryId }: StopQueryCommandInput, nowEpochMs: number) {
    const query = this.query(queryId);
    if (!['Scheduled', 'Running', 'Unknown'].includes(statusOf(query, nowEpochMs))) {
      throw serviceError('InvalidParameterException', 'the query is not running');
    }
    query.stopped = true;
    return { success: true };
  }

  #readable(name: string): SimulatedLogGroup {
    const group = this.#groups.get(name);
    if (group === undefined || !group.facts.exists) {
      throw serviceError('ResourceNotFoundException', `Log group '${name}' does not exist`);
    }
    if (group.facts.denial !== undefined) {
      const why = group.facts.denial === 'denied' ? 'not authorized' : 'no access to the KMS key';
      throw serviceError('AccessDeniedException', why);
    }
    return group;
  }

  #rowsOf(
    queryString: string,
    lines: readonly StoredLine[],
    limit: number | undefined,
  ): Pick<SimulatedQuery, 'rows' | 'shown' | 'rowsMax' | 'isCutOff'> {
    if (queryString === documentedQuery) {
      return { rows: countRows(lines), shown: [], rowsMax: groupsMax, isCutOff: false };
    }
    const text = readQueryText(queryString);
    const matching = lines.filter(text.finds);
    const rowsMax = limit ?? text.limit ?? usualRowsMax;
    const shown = matching.slice(0, rowsMax);
    return {
      rows: shown.map((line, at) =>
        packRow(line, this.#manner.rowForms, at).filter(({ field }) => text.fields.includes(field)),
      ),
      shown,
      rowsMax,
      isCutOff: matching.length > shown.length,
    };
  }
}

/** As AWS's SDK throws it, with a position in the text. */
function compileError(queryString: string): Error {
  const location = { startCharOffset: 0, endCharOffset: Math.min(40, queryString.length) };
  const error = serviceError('MalformedQueryException', 'invalid regular expression');
  return Object.assign(error, { queryCompileError: { location, message: error.message } });
}

/** A window outside of a group's life is refused; one group of several is enough. */
function mayHold({ facts }: SimulatedLogGroup, lastEpochMs: number, nowEpochMs: number): boolean {
  const keptEpochMs =
    facts.retentionDays === undefined ? 0 : nowEpochMs - facts.retentionDays * dayMs;
  return lastEpochMs >= facts.createdEpochMs && lastEpochMs >= keptEpochMs;
}

function statusOf({ course, startedEpochMs, stopped }: SimulatedQuery, nowEpochMs: number): string {
  if (stopped) return 'Cancelled';
  const ageMs = nowEpochMs - startedEpochMs;
  if (ageMs < course.waitsMs) return 'Scheduled';
  if (course.fate === 'Unknown') return 'Unknown';
  if (ageMs < course.waitsMs + course.runsMs || course.fate === 'never-ends') return 'Running';
  return course.fate;
}

function partOf(rows: readonly Row[]): readonly Row[] {
  return rows.slice(0, Math.ceil(rows.length / 2));
}

function countRows(lines: readonly StoredLine[]): Row[] {
  const counts = new Map<string, number>();
  for (const { logGroup, message } of lines) {
    if (message.includes(documentedLiteral)) counts.set(logGroup, (counts.get(logGroup) ?? 0) + 1);
  }
  return [...counts].map(([logGroup, count]) => [
    { field: '@log', value: `123456789012:${logGroup}` },
    { field: 'count()', value: String(count) },
  ]);
}
