import { GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { observe } from '../../../lambda/lines/event-identity.ts';
import type { Lane } from '../../../lambda/model/windows.ts';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { packText } from '../../../lambda/query/pack-text.ts';
import type { ResultRow } from '../../../lambda/query/query.ts';
import { type DocumentedOptions, readDocumented } from '../../../lambda/scan/read-documented.ts';
import { readPackSlice } from '../../../lambda/scan/read-slice.ts';
import { type EndTimeReading, isWithin } from './end-time.ts';
import { awsError, countRow, healthyMonitor } from './monitor-fixture.ts';
import { containing } from './pack-fixture.ts';

export const startEpochMs = Date.parse('2026-03-01T08:50:00Z');
export const rowsMax = 10;
const plan = {
  documentedQuery: 'the documented query',
  candidates: [containing('granted', 'event')],
  packRowsMax: rowsMax,
  detections: [],
};

/** The most rows that the smallest part of the pack can have. */
export const partRowsMax = 10 * rowsMax;
const { queryString: pack } = packText(plan.candidates, rowsMax);

function nameOf(queryString: string): string {
  return queryString === pack ? 'the pack' : 'a part of the pack';
}

/** An event of a log group, by the second of the window in which it happened, or a part of one. */
export interface Held {
  readonly logGroup: string;
  readonly second: number;
}

/** Seconds of the window, both ends included, as StartQuery has them. */
interface Query {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** The most that its answer holds. */
  readonly rows: number;
  readonly groups: readonly string[];
}

/** An event as it is in the pack's answer; its message is `event` and its number. */
export function rowOf({ logGroup, second }: Held, at: number): ResultRow {
  const time = new Date(startEpochMs + Math.round(second * 1000)).toISOString();
  const cells = {
    '@timestamp': time.replace('T', ' ').replace('Z', ''),
    ...{
      '@log': `123456789012:${logGroup}`,
      '@logStream': 's',
      '@message': `event ${at}`,
    },
  };
  return Object.entries(cells).map(([field, value]) => ({ field, value }));
}

export interface HoldingOptions {
  /** @default second */
  readonly endTime?: EndTimeReading;
  readonly candidates?: readonly Candidate[];
}

/** A Logs Insights that holds events, and cuts an answer of the pack off at the limit. */
export function holding(
  events: readonly Held[],
  { endTime = 'second', candidates = plan.candidates }: HoldingOptions = {},
) {
  const fixture = healthyMonitor();
  const queries: Query[] = [];
  const denied = new Set<string>();
  fixture.logs.on(StartQueryCommand).callsFake(async (input) => {
    const secondOf = (epochSeconds: number) => epochSeconds - startEpochMs / 1000;
    const { queryString, logGroupNames: groups, startTime, endTime } = input;
    const text = queryString === plan.documentedQuery ? queryString : nameOf(queryString);
    if (groups.some((group: string) => denied.has(`${text} ${group}`))) {
      throw awsError('AccessDeniedException');
    }
    queries.push({
      text,
      groups,
      rows: input.limit ?? rowsMax,
      from: secondOf(startTime),
      to: secondOf(endTime),
    });
    return { queryId: String(queries.length - 1) };
  });
  fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
    const query = queries[Number(queryId)];
    if (query === undefined) throw awsError('ResourceNotFoundException');
    const found = events
      .map((event, at) => ({ event, at }))
      .filter(({ event }) => {
        return query.groups.includes(event.logGroup) && isWithin(event.second, query, endTime);
      });
    const counts = query.groups
      .map(
        (group) => [group, found.filter(({ event }) => event.logGroup === group).length] as const,
      )
      .filter(([, count]) => count > 0);
    const results =
      query.text === plan.documentedQuery
        ? counts.map(([group, count]) => countRow(group, count))
        : found.slice(0, query.rows).map(({ event, at }) => [...rowOf(event, at)]);
    const statistics = { bytesScanned: 100, logGroupsScanned: query.groups.length };
    return { status: 'Complete', results, statistics };
  });
  const read = (
    { from = 0, to = 60, logGroups = ['a', 'b'] } = {},
    lane: Lane = 'scan',
    options: DocumentedOptions = {},
  ) => {
    const window = {
      startEpochMs: startEpochMs + from * 1000,
      endEpochMs: startEpochMs + to * 1000,
    };
    const deadline = deadlineIn(fixture.timer, 600_000);
    const slice = { logGroups, window };
    const asked = { ...plan, candidates: [...candidates] };
    return lane === 'documented'
      ? readDocumented(fixture.shell, asked, slice, deadline, options)
      : readPackSlice(fixture.shell, asked, slice, deadline, {
          lane,
          observe: (event) => observe(event, []),
        });
  };
  const deny = (text: string, logGroup: string) => {
    denied.add(`${text} ${logGroup}`);
  };
  return { ...fixture, queries, read, deny };
}
