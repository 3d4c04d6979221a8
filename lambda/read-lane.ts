import { claimGap } from './claim-gap.ts';
import { type ClaimedMark, claimed } from './claimed.ts';
import { finishClaims } from './finish-claims.ts';
import { inSteps } from './in-steps.ts';
import { type Lane, laneTarget, nextSlice } from './lanes.ts';
import { claimSlice, type Mark } from './ledger/marks.ts';
import type { SliceRecord } from './ledger/slice-record.ts';
import { describeError } from './log.ts';
import { readSlice, type SliceReading } from './read-slice.ts';
import { recordSlice } from './record-slice.ts';
import type { GroupOutcome } from './scan-groups.ts';
import { tellFlood } from './tell-own.ts';
import type { TickContext } from './tick-shell.ts';
import { windowTimes } from './windows.ts';

/** What is read of a lane in one tick. */
export interface LaneTask {
  readonly lane: Lane;
  /** The marks of the groups that can be read. */
  readonly marks: readonly Mark[];
  /** By log group, up to where it may be read: a sweep never overtakes the scan. */
  readonly limits: ReadonlyMap<string, number>;
  /** Groups whose zeros can be believed. */
  readonly covered: ReadonlySet<string>;
}

/** How it went. */
export interface LaneResult {
  readonly marks: readonly Mark[];
  /** Of groups that were asked in this tick; of each the worst. */
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Of queries that came to nothing: those of slices are in their records. */
  readonly bytesUncounted: number;
  readonly doubts: number;
  readonly lagMaxMs: number | undefined;
  /** As they were settled, in their order. */
  readonly slices: readonly SliceRecord[];
  /** The ledger or CloudWatch failed, so that nothing could go on; what is in the ledger is whole. */
  readonly failure?: Error;
}

const minuteMs = 60_000;
/** With less time than this left, a further slice would most likely be begun for nothing. */
const sliceTimeMinMs = 5_000;

/**
 * Reads a lane from where its groups stand, slice by slice, the oldest first, as far as the time
 * allows; what is left waits for the next tick. A group that cannot be read is left where it stands,
 * and the others go on.
 */
export async function readLane(
  context: TickContext,
  { lane, marks, limits, covered }: LaneTask,
): Promise<LaneResult> {
  const { shell, tickEpochMs, scanDeadline } = context;
  const positions = new Map(marks.map((mark) => [mark.logGroup, mark]));
  const outcomes = new Map<string, GroupOutcome>();
  const sliceMaxMs = shell.config.maxSliceMinutes * minuteMs;
  const target = laneTarget(lane, tickEpochMs, shell.config);
  const limitOf = (logGroup: string) => Math.min(target, limits.get(logGroup) ?? target);
  let bytesUncounted = 0;
  let doubts = 0;
  let lagMaxMs: number | undefined;
  let widthMs = sliceMaxMs;
  let longestMs = 0;

  const slices: SliceRecord[] = [];
  let failure: Error | undefined;
  try {
    while (await readNext());
  } catch (cause) {
    failure = new Error(`lane ${lane} cannot go on`, { cause });
  }
  return {
    ...{ marks: [...positions.values()], outcomes, bytesUncounted, doubts, lagMaxMs, slices },
    ...(failure && { failure }),
  };

  /** @returns whether there may be more to read in this tick */
  async function readNext(): Promise<boolean> {
    const readable = [...positions.values()].filter(({ logGroup }) => isReadable(logGroup));
    const slice = nextSlice(readable, limitOf, widthMs);
    if (slice === undefined) return false;
    const isFirst = slices.length === 0;
    const neededMs = Math.max(sliceTimeMinMs, 1.5 * longestMs);
    if (!(isFirst && lane === 'scan') && scanDeadline.remainingMs() < neededMs) {
      shell.log('info', 'lane-goes-on-next-tick', { lane, from: windowTimes(slice.window).start });
      return false;
    }
    const startedMs = shell.timer.monotonicMs();
    const readings = await readSlice(shell, shell.plan, lane, slice, scanDeadline);
    const isOutOfTime = scanDeadline.remainingMs() === 0;
    for (const reading of readings) await take(reading, isOutOfTime && !isFirst);
    longestMs = Math.max(longestMs, shell.timer.monotonicMs() - startedMs);
    // What was cut off is likely to be cut off again just behind it.
    const readMs = Math.min(
      ...readings.map(({ window }) => window.endEpochMs - window.startEpochMs),
    );
    widthMs = Math.min(sliceMaxMs, 2 * readMs);
    return !isOutOfTime;
  }

  function isReadable(logGroup: string): boolean {
    const outcome = outcomes.get(logGroup);
    return outcome === undefined || outcome.kind === 'scanned' || outcome.kind === 'out-of-reach';
  }

  /**
   * Keeps what a slice holds, and moves the marks of the groups that were read in full.
   *
   * @param isForgiven a further slice that the time did not suffice for is the next tick's, no failure
   */
  async function take(reading: SliceReading, isForgiven: boolean): Promise<void> {
    doubts += reading.doubts;
    for (const [logGroup, outcome] of reading.outcomes) {
      if (outcome.kind !== 'failed' || !isForgiven) outcomes.set(logGroup, outcome);
    }
    const that = (kind: GroupOutcome['kind']) =>
      reading.logGroups.filter((group) => reading.outcomes.get(group)?.kind === kind);
    const read = that('scanned');
    const gone = that('out-of-reach');
    if (read.length === 0) bytesUncounted += reading.bytesScanned;
    const settled = [
      ...(await inSteps(read, (logGroup) => takeGroup(reading, logGroup, read))),
      ...(await inSteps(gone, (logGroup) => skipGroup(reading, logGroup))),
    ];
    for (const mark of await finishClaims(context, settled)) positions.set(mark.logGroup, mark);
    slices.push(...settled.map(({ claim }) => claim));
  }

  async function takeGroup(
    reading: SliceReading,
    logGroup: string,
    read: readonly string[],
  ): Promise<ClaimedMark> {
    const mark = markOf(logGroup);
    const { window, matches, bytesScanned, flooded } = reading;
    if (flooded) await tellFlood(context, logGroup, window.startEpochMs);
    const { record, lagMaxMs: lag } = await recordSlice(context, {
      mark,
      endEpochMs: window.endEpochMs,
      events: reading.events.filter((event) => event.logGroup === logGroup),
      matches: matches?.get(logGroup),
      bytes: shareOf(bytesScanned, read, logGroup),
      covered: covered.has(logGroup),
      horizonEpochMs: lane === 'scan' ? window.endEpochMs : (limits.get(logGroup) ?? target),
    });
    if (lag !== undefined) lagMaxMs = Math.max(lagMaxMs ?? 0, lag);
    return claimed(mark, await claimSlice(context.table, mark, record));
  }

  async function skipGroup({ window }: SliceReading, logGroup: string): Promise<ClaimedMark> {
    const mark = markOf(logGroup);
    const outcome = outcomes.get(logGroup);
    const error = outcome?.kind === 'out-of-reach' ? describeError(outcome.error) : undefined;
    shell.log('warn', 'no-data-possible', { logGroup, window: windowTimes(window), error });
    const { endEpochMs } = window;
    return claimGap(context, { mark, endEpochMs, reason: 'out-of-reach' });
  }

  function markOf(logGroup: string): Mark {
    const mark = positions.get(logGroup);
    if (mark === undefined) throw new RangeError(`log group "${logGroup}" was not asked for`);
    return mark;
  }
}

/** A query's bytes, parted among the groups that it read so that they add up. */
function shareOf(bytes: number, logGroups: readonly string[], logGroup: string): number {
  const share = Math.floor(bytes / logGroups.length);
  return logGroup === logGroups[0] ? bytes - share * (logGroups.length - 1) : share;
}
