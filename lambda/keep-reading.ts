import { claimGap } from './claim-gap.ts';
import { type ClaimedMark, claimed } from './claimed.ts';
import { finishClaims } from './finish-claims.ts';
import { inSteps } from './in-steps.ts';
import { isSweep } from './lane.ts';
import { claimSlice, type Mark } from './ledger/marks.ts';
import { describeError } from './log.ts';
import type { SliceReading } from './read-slice.ts';
import { recordSlice } from './record-slice.ts';
import { tellFlood, tellUnreadable } from './tell-own.ts';
import type { TickContext } from './tick-shell.ts';
import { windowTimes } from './windows.ts';

/** What keeping a reading has to know of its log groups. */
export interface ReadingPlace {
  /** Of every group that was asked. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** Groups whose zeros can be believed. */
  readonly covered: ReadonlySet<string>;
  /** By log group, where the scan stands. */
  readonly scanned: ReadonlyMap<string, number>;
}

export interface KeptReading {
  /** Where the groups stand that were read in full, or passed over. */
  readonly marks: readonly Mark[];
  readonly settled: readonly ClaimedMark[];
  /** The longest time between a line that is new and its ingestion. */
  readonly lagMaxMs: number | undefined;
}

/**
 * Keeps what a slice holds: of each group that was read in full its findings and lines, then its claim,
 * record and metrics, and last its mark's move. A group that could not be read stays where it is.
 */
export async function keepReading(
  context: TickContext,
  reading: SliceReading,
  { marks, covered, scanned }: ReadingPlace,
): Promise<KeptReading> {
  const { shell, table } = context;
  const { window, matches, unsure, bytesScanned, flooded, outcomes } = reading;
  const groupsThat = (kind: 'scanned' | 'out-of-reach') =>
    reading.logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === kind);
  const read = groupsThat('scanned');
  const lags: number[] = [];
  // First of all: rows that were passed over must be reported before the slice counts as read.
  await tellUnreadable(context, reading);
  const settled = [
    ...(await inSteps(read, keepGroup)),
    ...(await inSteps(groupsThat('out-of-reach'), passOver)),
  ];
  return {
    marks: await finishClaims(context, settled, scanned),
    settled,
    lagMaxMs: lags.length === 0 ? undefined : Math.max(...lags),
  };

  async function keepGroup(logGroup: string): Promise<ClaimedMark> {
    const mark = markOf(logGroup);
    const events = reading.events.filter(({ seen }) => seen.logGroup === logGroup);
    if (flooded) await tellFlood(context, logGroup, window.startEpochMs, events.length);
    const { record, lagMaxMs } = await recordSlice(context, {
      mark,
      endEpochMs: window.endEpochMs,
      events,
      matches: matches?.get(logGroup),
      bytes: shareOf(bytesScanned, read, logGroup),
      covered: covered.has(logGroup) && unsure?.has(logGroup) !== true,
      horizonEpochMs: horizonOf(mark),
    });
    if (lagMaxMs !== undefined) lags.push(lagMaxMs);
    return claimed(mark, await claimSlice(table, mark, record));
  }

  async function passOver(logGroup: string): Promise<ClaimedMark> {
    const outcome = outcomes.get(logGroup);
    const error = outcome?.kind === 'out-of-reach' ? describeError(outcome.error) : undefined;
    shell.log('warn', 'no-data-possible', { logGroup, window: windowTimes(window), error });
    const { endEpochMs } = window;
    return claimGap(context, { mark: markOf(logGroup), endEpochMs, reason: 'out-of-reach' });
  }

  /** Of a sweep, before where everything was read by the scan. */
  function horizonOf({ lane, logGroup }: Mark): number {
    return (isSweep(lane) ? scanned.get(logGroup) : undefined) ?? window.endEpochMs;
  }

  function markOf(logGroup: string): Mark {
    const mark = marks.get(logGroup);
    if (mark === undefined) throw new RangeError(`log group "${logGroup}" was not asked for`);
    return mark;
  }
}

/** A query's bytes, parted among the groups that it read so that they add up. */
function shareOf(bytes: number, logGroups: readonly string[], logGroup: string): number {
  const share = Math.floor(bytes / logGroups.length);
  return logGroup === logGroups[0] ? bytes - share * (logGroups.length - 1) : share;
}
