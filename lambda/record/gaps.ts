import { ceilTo, dayMs, floorTo, hourMs, iso, minuteMs, secondMs } from '../common/time.ts';
import type { OwnFinding } from '../findings/own-finding.ts';
import type { Mark, SliceRecord } from '../ledger/marks.ts';
import type { LogGroupFacts } from '../model/coverage.ts';
import type { Window } from '../model/windows.ts';

/** A span of one log group that can never be read. */
export interface Gap {
  readonly mark: Mark;
  readonly endEpochMs: number;
  readonly reason: NonNullable<SliceRecord['reason']>;
}

/**
 * From when on a log group can be queried: from its creation, and no further back than its retention.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html
 *
 * @returns both in epoch milliseconds; 0 if unknown or without limit
 */
export function queryableFrom(
  { createdEpochMs = 0, retentionDays }: LogGroupFacts,
  nowEpochMs: number,
): { readonly createdEpochMs: number; readonly keptEpochMs: number } {
  return {
    createdEpochMs: floorTo(createdEpochMs, secondMs),
    keptEpochMs:
      retentionDays === undefined ? 0 : ceilTo(nowEpochMs - retentionDays * dayMs, minuteMs),
  };
}

/**
 * The span after a mark's position that can never be read; see {@link queryableFrom}.
 *
 * @returns undefined where nothing is lost
 */
export function gapOf(mark: Mark, facts: LogGroupFacts, tickEpochMs: number): Gap | undefined {
  const { createdEpochMs, keptEpochMs } = queryableFrom(facts, tickEpochMs);
  const endEpochMs = Math.max(createdEpochMs, keptEpochMs);
  if (endEpochMs <= mark.positionEpochMs) return undefined;
  return {
    mark,
    endEpochMs,
    reason: createdEpochMs >= keptEpochMs ? 'created-later' : 'retention',
  };
}

/** Whether all of a window lies before a log group's creation, or is older than its retention. */
export function isGone(
  { endEpochMs }: Window,
  { createdEpochMs, retentionDays }: LogGroupFacts,
  nowEpochMs: number,
): boolean {
  const keptMs = retentionDays === undefined ? 0 : nowEpochMs - retentionDays * dayMs;
  return endEpochMs <= Math.max(createdEpochMs ?? 0, keptMs);
}

const reasons = {
  'created-later': 'the log group was created again after that',
  retention: 'that is older than the retention of the log group',
  'out-of-reach': 'CloudWatch Logs has no data for that time',
} as const;

/** The finding about a gap, with its exact span. */
export function gapFinding({ mark, endEpochMs, reason }: Gap): OwnFinding {
  const { lane, logGroup, positionEpochMs } = mark;
  const isDocumented = lane === 'documented';
  const what = isDocumented ? 'was not counted by the documented query' : 'was not read';
  return {
    detection: 'coverage-gap',
    identity: [logGroup, positionEpochMs, ...(isDocumented ? [lane] : [])],
    severity: 'high',
    title: `log group ${logGroup} ${what} from ${iso(positionEpochMs)} to ${iso(endEpochMs)} and never can be: ${reasons[reason]}`,
    logGroups: [logGroup],
    startEpochMs: positionEpochMs,
    endEpochMs,
  };
}

/**
 * The finding that the documented query's position in a log group is lost and nothing else records it.
 *
 * @param positionEpochMs where counting begins again
 */
export function lostCountFinding({ logGroup, positionEpochMs, sinceEpochMs }: Mark): OwnFinding {
  return {
    detection: 'coverage-gap',
    identity: [logGroup, positionEpochMs, 'documented', 'lost'],
    severity: 'high',
    title: `the position of the documented query in log group ${logGroup} is lost: counting begins again at ${iso(positionEpochMs)}; matches before that may not have been counted, and matches after it may be counted twice`,
    logGroups: [logGroup],
    startEpochMs: Math.min(sinceEpochMs, positionEpochMs),
    endEpochMs: positionEpochMs,
  };
}

/**
 * One finding per log group and hour, however many seconds of it overflow.
 *
 * @param rowsRead matching events of the second that were read
 */
export function floodFinding(
  logGroup: string,
  secondEpochMs: number,
  rowsRead: number,
): OwnFinding {
  return {
    detection: 'log-flood',
    identity: [logGroup, floorTo(secondEpochMs, hourMs)],
    severity: 'critical',
    title: `log group ${logGroup} held more matching lines in one second at ${iso(secondEpochMs)} than can be read: ${rowsRead} were read, and a privilege change may hide among the others`,
    logGroups: [logGroup],
    startEpochMs: secondEpochMs,
    endEpochMs: secondEpochMs + secondMs,
  };
}

/**
 * The finding about result rows that cannot be read: one per log group and hour, so that nobody can flood
 * people with them. High, since a change may hide in such a row.
 */
export function unreadableFinding(rows: {
  /** Absent when the rows name no queried log group. */
  readonly logGroup: string | undefined;
  /** That were queried. */
  readonly logGroups: readonly string[];
  readonly window: Window;
  readonly count: number;
  /** What is wrong with the first of them, without log text. */
  readonly problem: string;
}): OwnFinding {
  const { logGroup, logGroups, window, count, problem } = rows;
  const { startEpochMs, endEpochMs } = window;
  const which = count === 1 ? 'A result row' : `${count} result rows`;
  const place =
    logGroup === undefined
      ? `no known log group (queried: ${logGroups.join(', ')})`
      : `log group ${logGroup}`;
  return {
    detection: 'unreadable-row',
    identity: [logGroup ?? '', floorTo(startEpochMs, hourMs)],
    severity: 'high',
    title: `${which} of ${place} from ${iso(startEpochMs)} to ${iso(endEpochMs)} could not be read, and a privilege change may hide there: ${count === 1 ? 'it' : 'the first'} ${problem}`,
    logGroups,
    startEpochMs,
    endEpochMs,
  };
}
