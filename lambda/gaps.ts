import type { LogGroupFacts } from './coverage.ts';
import type { OwnFinding } from './findings/own-finding.ts';
import type { Mark } from './ledger/marks.ts';
import type { SliceRecord } from './ledger/slice-record.ts';
import { ceilTo, dayMs, floorTo, hourMs, iso, minuteMs, secondMs } from './time.ts';
import type { Window } from './windows.ts';

/** A span of one log group that can never be read. */
export interface Gap {
  readonly mark: Mark;
  readonly endEpochMs: number;
  readonly reason: NonNullable<SliceRecord['reason']>;
}

/**
 * From when on a log group can be queried: not before its creation, and nothing older than its retention.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html
 *
 * @returns both in epoch milliseconds; 0 for what is not known or has no end
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
 * What a log group can never show any more of what is still to be read; see {@link queryableFrom}.
 *
 * @returns undefined where nothing of what is still to be read is lost
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
  'created-later': 'the log group was created anew after that',
  retention: 'it is older than the retention of the log group',
  'out-of-reach': 'CloudWatch Logs has no data of that time',
} as const;

/** A gap as people are told of it: with its exact span. */
export function gapFinding({ mark, endEpochMs, reason }: Gap): OwnFinding {
  const { lane, logGroup, positionEpochMs } = mark;
  const isDocumented = lane === 'documented';
  const what = isDocumented ? 'was not counted by the documented query' : 'was not read';
  return {
    detection: 'coverage-gap',
    identity: [logGroup, positionEpochMs, ...(isDocumented ? [lane] : [])],
    severity: 'high',
    title: `log group ${logGroup} ${what} from ${iso(positionEpochMs)} to ${iso(endEpochMs)}, and cannot be any more: ${reasons[reason]}`,
    logGroups: [logGroup],
    startEpochMs: positionEpochMs,
    endEpochMs,
  };
}

/**
 * How far the documented query had counted a log group is lost, and nothing says where that was.
 *
 * @param positionEpochMs where it begins again
 */
export function lostCountFinding({ logGroup, positionEpochMs, sinceEpochMs }: Mark): OwnFinding {
  return {
    detection: 'coverage-gap',
    identity: [logGroup, positionEpochMs, 'documented', 'lost'],
    severity: 'high',
    title: `how far log group ${logGroup} was counted by the documented query is lost: it begins again at ${iso(positionEpochMs)}; what lies before that may not have been counted, and what lies after it may be counted twice`,
    logGroups: [logGroup],
    startEpochMs: Math.min(sinceEpochMs, positionEpochMs),
    endEpochMs: positionEpochMs,
  };
}

/**
 * One flood is one finding, however many of its seconds overflow: by the hour it began in.
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
 * Rows of Logs Insights that cannot be read, as people are notified of them: the first of a log
 * group and hour, so that nobody can flood people with them. High, since a change may hide in them.
 */
export function unreadableFinding(rows: {
  /** Absent when the rows do not name one that was asked for. */
  readonly logGroup: string | undefined;
  /** That were asked. */
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
      ? `no known log group (asked: ${logGroups.join(', ')})`
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
