import { StartQueryCommand, StopQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { isMalformedQuery } from '../../lambda/aws/call-aws.ts';
import { errorCharactersMax } from '../../lambda/common/log.ts';
import { DeadlineError } from '../../lambda/common/retry.ts';
import { abridged } from '../../lambda/common/text.ts';
import { deadlineIn, type Timer } from '../../lambda/common/time.ts';
import { queryTimes, type Window } from '../../lambda/model/windows.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { packText } from '../../lambda/query/pack-text.ts';
import type { QueryShell } from '../../lambda/query/query.ts';
import { pollUntilEnded, QueryPendingError } from '../../lambda/query/run-query.ts';
import { environmentGroups } from '../facts/log-groups.ts';
import {
  known,
  type LogGroup,
  type Part,
  type QueryEnd,
  type QueryTrial,
  queryEndShape,
  startedQueryShape,
} from '../shapes/log-shapes.ts';
import type { Observed } from '../shapes/observation.ts';
import type { Ask, ObserveOptions } from './ask.ts';
import type { DoctorClients } from './aws-access.ts';

/** A query of the monitor, or the query that it would run for one detection alone. */
interface PlanText extends Pick<QueryTrial, 'kind'> {
  readonly detections: readonly string[];
  readonly queryString: string;
}

/** The queries that the monitor runs: the documented one, and the pack of all detections. */
export function planTexts({ documentedQuery, candidates }: ScanPlan): PlanText[] {
  const documented = { kind: 'documented', detections: [], queryString: documentedQuery } as const;
  if (candidates.length === 0) return [documented];
  const { detections, queryString } = packText(candidates);
  return [documented, { kind: 'pack', detections, queryString }];
}

/** A query for each detection of the pack alone, to find the one that AWS refuses. */
export function detectionTexts({ candidates }: ScanPlan): PlanText[] {
  return candidates.map((candidate) => {
    const { queryString } = packText([candidate]);
    return { kind: 'detection', detections: [candidate.id], queryString };
  });
}

type Logs = Pick<DoctorClients, 'logs'>;

/** Old enough for all events of the second to have arrived, and young enough to be retained. */
const ageMinutes = 10;
/** How long to wait until a query ends. */
const endMaxMs = 30_000;
/** Concurrent queries of single detections: some Regions allow five StartQuery calls a second. */
const trialsAtOnce = 4;
/** The largest number of detections to try alone. */
const trialsMax = 100;

interface Question {
  readonly logGroupNames: string[];
  readonly window: Window;
  readonly timer: Timer;
}

/**
 * Runs the monitor's queries in Logs Insights over one second of the log groups: that scans next to
 * nothing, and the rows found are not read. Each detection is tried alone only if the pack does not
 * work and the documented query does.
 *
 * @returns null when no log group can be queried: there is none, or all were created later
 */
export async function observeQueries(
  ask: Ask,
  clients: Logs,
  { mwaaEnvironment, nowEpochMs, plan, timer }: ObserveOptions,
  logGroups: Part<LogGroup[]>,
): Promise<Observed['queries']> {
  if (logGroups.kind !== 'known') return logGroups;
  const startEpochMs = Math.floor(nowEpochMs / 1000 - ageMinutes * 60) * 1000;
  const logGroupNames = environmentGroups(mwaaEnvironment, logGroups.value)
    .filter(({ group }) => group !== undefined && isQueryable(group, startEpochMs))
    .map(({ name }) => name);
  if (logGroupNames.length === 0) return known(null);

  const window = { startEpochMs, endEpochMs: startEpochMs + 1000 };
  const tryText = (text: PlanText) => tryOne(ask, clients, text, { logGroupNames, window, timer });
  const trials = await Promise.all(planTexts(plan).map(tryText));
  const works = (kind: QueryTrial['kind']) =>
    trials.some((one) => one.kind === kind && isGood(one));
  const isDoubtful = trials.some((trial) => trial.kind === 'pack' && isBad(trial));
  if (!isDoubtful || !works('documented')) return known({ startEpochMs, trials, notTried: [] });

  const alone = detectionTexts(plan);
  for (let at = 0; at < Math.min(alone.length, trialsMax); at += trialsAtOnce) {
    trials.push(...(await Promise.all(alone.slice(at, at + trialsAtOnce).map(tryText))));
  }
  const notTried = alone.slice(trialsMax).flatMap(({ detections }) => detections);
  return known({ startEpochMs, trials, notTried });
}

/**
 * Whether the group existed then; a DELIVERY group cannot be queried at all (check `log-class`).
 */
function isQueryable({ creationTime = 0, logGroupClass }: LogGroup, startEpochMs: number): boolean {
  return creationTime <= startEpochMs && logGroupClass !== 'DELIVERY';
}

function isGood({ end }: QueryTrial): boolean {
  return end?.kind === 'known' && end.value.status === 'Complete';
}

/** Refused, or ended as Failed: the text may be the cause. */
function isBad({ start, end }: QueryTrial): boolean {
  const isRefused = start.kind === 'known' && 'refused' in start.value;
  return isRefused || (end?.kind === 'known' && end.value.status === 'Failed');
}

async function tryOne(
  ask: Ask,
  { logs }: Logs,
  { kind, detections, queryString }: PlanText,
  { logGroupNames, window, timer }: Question,
): Promise<QueryTrial> {
  const command = new StartQueryCommand({ queryString, logGroupNames, ...queryTimes(window) });
  const start = await ask('logs:StartQuery', startedQueryShape, async () => {
    try {
      return await logs.send(command);
    } catch (error) {
      if (!isMalformedQuery(error)) throw error;
      return { refused: abridged(error.message, errorCharactersMax) };
    }
  });
  const trial = { kind, detections: [...detections], start };
  if (start.kind !== 'known' || 'refused' in start.value) return trial;
  const { queryId } = start.value;
  const end = await ask('logs:GetQueryResults', queryEndShape, () =>
    endOf({ logs, timer, random: () => 1, log: () => undefined }, queryId),
  );
  // Nobody waits for this query any more, and a running one counts against the account's quota.
  if (end.kind !== 'known' || isAtWork(end.value)) {
    await ask('logs:StopQuery', z.unknown(), () => logs.send(new StopQueryCommand({ queryId })));
  }
  return { ...trial, end };
}

/** The end of a query, or its last status before the deadline. Requests one row, the minimum. */
async function endOf(shell: QueryShell, queryId: string): Promise<{ readonly status?: string }> {
  const deadline = deadlineIn(shell.timer, endMaxMs);
  try {
    return await pollUntilEnded(shell, queryId, deadline, { bytesScanned: 0 }, 1);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    if (error.cause instanceof QueryPendingError) return { status: error.cause.status };
    throw error.cause ?? error;
  }
}

function isAtWork({ status }: Partial<Pick<QueryEnd, 'status'>>): boolean {
  return status === 'Scheduled' || status === 'Running';
}
