import {
  GetQueryResultsCommand,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Candidate, ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { packText } from '../../../lambda/query/pack-text.ts';
import { awsError, countRow, documentedPlan } from './monitor-fixture.ts';
import { type HeldEvent, monitorWith, packPlan, stream, task } from './pack-fixture.ts';

/** How AWS answers one StartQuery. */
export type Judge = (text: {
  /** Ids of the detections that it asks for; none for the documented query. */
  readonly detections: readonly string[];
  readonly input: StartQueryCommandInput;
}) => Error | 'failed' | 'running' | undefined;

export function malformed(message: string, start = 0, end = 5): Error {
  const location = { startCharOffset: start, endCharOffset: end };
  return Object.assign(awsError('MalformedQueryException', message), {
    queryCompileError: { location, message },
  });
}

/** Refuses every text with one of these detections, as AWS would refuse their regexps. */
export function refusing(...ids: readonly string[]): Judge {
  return ({ detections }) => {
    const bad = detections.find((id) => ids.includes(id));
    return bad === undefined ? undefined : malformed(`${bad} does not compile`);
  };
}

interface Query {
  readonly detections: readonly string[];
  readonly input: StartQueryCommandInput;
  readonly end: 'Failed' | 'Running' | 'Complete';
}

/**
 * A monitor whose Logs Insights holds events, answers each text with what its detections contain,
 * counts for the documented query, and refuses what a judge refuses; the judge can be exchanged.
 */
export function refusingMonitor(
  events: readonly HeldEvent[],
  judge: Judge = () => undefined,
  plan: Partial<ScanPlan> = {},
) {
  const fixture = monitorWith(events, plan);
  const world = { judge, queryMs: 0 };
  const { candidates } = { ...packPlan, ...plan };
  const queries: Query[] = [];
  const started: Query[] = [];
  fixture.logs.on(StartQueryCommand).callsFake(async (input: StartQueryCommandInput) => {
    fixture.timer.nowMs += world.queryMs;
    const detections = detectionsOf(input.queryString ?? '', candidates);
    const answer = world.judge({ detections, input });
    const unfinished = answer === 'running' ? 'Running' : 'Complete';
    const end = answer === 'failed' ? 'Failed' : unfinished;
    const query: Query = { detections, input, end };
    queries.push(query);
    if (answer instanceof Error) throw answer;
    started.push(query);
    return { queryId: String(started.length - 1) };
  });
  fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
    const query = started[Number(queryId)];
    if (query === undefined) throw awsError('ResourceNotFoundException');
    const statistics = { bytesScanned: 1000, logGroupsScanned: query.input.logGroupNames?.length };
    if (query.end !== 'Complete') return { status: query.end, results: [], statistics };
    const literals = candidates
      .filter(({ id }) => query.detections.includes(id))
      .map(({ condition }) => ('contains' in condition ? condition.contains : ''));
    const { startTime = 0, endTime = 0, logGroupNames = [] } = query.input;
    const found = events.filter(({ at, visibleAt = at, logGroup = task }) => {
      const second = Math.floor(Date.parse(`${at}Z`) / 1000);
      return (
        Date.parse(`${visibleAt}Z`) <= fixture.time.nowEpochMs &&
        second >= startTime &&
        second <= endTime &&
        logGroupNames.includes(logGroup)
      );
    });
    if (query.detections.length > 0) {
      const rows = found.filter(({ message }) => literals.some((text) => message.includes(text)));
      return { status: 'Complete', results: rows.map(rowOf), statistics };
    }
    const counted = found.filter(({ message }) => message.includes('add-role'));
    const counts = Map.groupBy(counted, ({ logGroup = task }) => logGroup);
    const results = [...counts].map(([logGroup, all]) => countRow(logGroup, all.length));
    return { status: 'Complete', results, statistics };
  });
  const stops = () => fixture.logs.commandCalls(StopQueryCommand).length;
  return { ...fixture, world, queries, stops };
}

function rowOf({ at, visibleAt = at, logGroup = task, logStream = stream, message }: HeldEvent) {
  const cells = {
    '@timestamp': at.replace('T', ' '),
    '@ingestionTime': visibleAt.replace('T', ' '),
    '@log': `123456789012:${logGroup}`,
    '@logStream': logStream,
    '@message': message,
  };
  return Object.entries(cells).map(([field, value]) => ({ field, value }));
}

function detectionsOf(queryString: string, candidates: readonly Candidate[]): readonly string[] {
  if (queryString === documentedPlan.documentedQuery) return [];
  const asked = candidates.filter(({ filter = '' }) => queryString.includes(filter));
  expect([queryString, queryString.slice(0, packText(asked).queryString.lastIndexOf('|'))]).toEqual(
    [queryString, packText(asked).queryString.replace(/\| limit.*/, '')],
  );
  return asked.map(({ id }) => id);
}
