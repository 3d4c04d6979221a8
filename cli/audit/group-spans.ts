import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { queryableFrom } from '../../lambda/record/gaps.ts';
import type { GroupSpan } from './slice-plan.ts';
import { lengthMs } from './spans.ts';

/** Facts about a log group from CloudWatch Logs. */
export interface GroupFacts {
  readonly createdEpochMs?: number | undefined;
  /** @default undefined - its events never expire */
  readonly retentionDays?: number | undefined;
  readonly storedBytes?: number | undefined;
}

/** The parts of a range that an environment's log groups have. */
export interface GroupSpans {
  readonly spans: readonly GroupSpan[];
  /** Logged and expired: nothing can be said about it. */
  readonly gone: readonly GroupSpan[];
  /** Before the group was created: nothing was logged. */
  readonly before: readonly GroupSpan[];
  /** Log groups that do not exist. */
  readonly missing: readonly string[];
}

/**
 * Clips a range to the creation and the retention of each log group, as the monitor does: earlier
 * events cannot be queried.
 *
 * @param facts the log groups that exist, by name
 */
export function groupSpans(
  mwaaEnvironment: string,
  facts: ReadonlyMap<string, GroupFacts>,
  range: Window,
  nowEpochMs: number,
): GroupSpans {
  const spans: GroupSpan[] = [];
  const gone: GroupSpan[] = [];
  const before: GroupSpan[] = [];
  const missing: string[] = [];
  for (const logType of logTypes) {
    const logGroup = logGroupName(mwaaEnvironment, logType);
    const group = facts.get(logGroup);
    if (group === undefined) {
      missing.push(logGroup);
      continue;
    }
    const { createdEpochMs: created, keptEpochMs: kept } = queryableFrom(group, nowEpochMs);
    const add = (to: GroupSpan[], startEpochMs: number, endEpochMs: number) => {
      const window = {
        startEpochMs: Math.max(range.startEpochMs, startEpochMs),
        endEpochMs: Math.min(range.endEpochMs, endEpochMs),
      };
      if (lengthMs(window) > 0) to.push({ logGroup, window });
    };
    add(before, range.startEpochMs, created);
    add(gone, created, kept);
    add(spans, Math.max(created, kept), range.endEpochMs);
  }
  return { spans, gone, before, missing };
}
