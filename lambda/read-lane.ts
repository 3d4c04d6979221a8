import { keepReading } from './keep-reading.ts';
import { type Lane, laneTarget, nextSlice } from './lanes.ts';
import type { Mark } from './ledger/marks.ts';
import type { SliceRecord } from './ledger/slice-record.ts';
import { readSlice, type SliceReading } from './read-slice.ts';
import type { GroupOutcome } from './scan-groups.ts';
import { nextWidthMs } from './slice-width.ts';
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
  /** The most that is asked for at once. */
  readonly widthMaxMs: number;
}

/** How it went. */
export interface LaneResult {
  readonly marks: readonly Mark[];
  /** Of groups that were asked in this tick, the latest. */
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Of queries that came to nothing: those of slices are in their records. */
  readonly bytesUncounted: number;
  readonly doubts: number;
  readonly lagMaxMs: number | undefined;
  /** As they were settled, in their order. */
  readonly slices: readonly SliceRecord[];
  /** The time did not suffice for the first slice. */
  readonly ranOutOfTime: boolean;
  /** The ledger or CloudWatch failed, so that nothing could go on; what is in the ledger is whole. */
  readonly failure?: Error;
}

/** With less time than this left, a further slice would most likely be begun for nothing. */
const sliceTimeMinMs = 5_000;

/**
 * Reads a lane from where its groups stand, slice by slice, the oldest first, as far as the time
 * allows; what is left waits for the next tick. A group that cannot be read is left where it stands,
 * and the others go on.
 */
export async function readLane(
  context: TickContext,
  { lane, marks, limits, covered, widthMaxMs }: LaneTask,
): Promise<LaneResult> {
  const { shell, tickEpochMs, scanDeadline } = context;
  // The clock never says what to read; but what it has not come to yet cannot be read for good.
  const nowEpochMs = Math.floor(shell.clock.nowEpochMs() / 1000) * 1000;
  const target = Math.min(laneTarget(lane, tickEpochMs, shell.config), nowEpochMs);
  const limitOf = (logGroup: string) => Math.min(target, limits.get(logGroup) ?? target);
  const positions = new Map(marks.map((mark) => [mark.logGroup, mark]));
  const outcomes = new Map<string, GroupOutcome>();
  const slices: SliceRecord[] = [];
  const lags: number[] = [];
  let [bytesUncounted, doubts, longestMs] = [0, 0, 0];
  let widthMs = widthMaxMs;
  let ranOutOfTime = false;
  let failure: Error | undefined;
  try {
    while (await readNext());
  } catch (cause) {
    ranOutOfTime = scanDeadline.remainingMs() === 0 && slices.length === 0;
    failure = new Error(`lane ${lane} cannot go on`, { cause });
  }
  return {
    ...{ marks: [...positions.values()], outcomes, bytesUncounted, doubts, slices, ranOutOfTime },
    lagMaxMs: lags.length === 0 ? undefined : Math.max(...lags),
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
    for (const reading of readings) await keep(reading, isOutOfTime && !isFirst);
    ranOutOfTime = isOutOfTime && isFirst;
    longestMs = Math.max(longestMs, shell.timer.monotonicMs() - startedMs);
    const read = readings.map(({ window }) => window.endEpochMs - window.startEpochMs);
    widthMs = nextWidthMs(Math.min(...read), widthMaxMs);
    return !isOutOfTime;
  }

  function isReadable(logGroup: string): boolean {
    const outcome = outcomes.get(logGroup);
    return outcome === undefined || outcome.kind === 'scanned' || outcome.kind === 'out-of-reach';
  }

  /** @param isForgiven a further slice that the time did not suffice for is the next tick's */
  async function keep(reading: SliceReading, isForgiven: boolean): Promise<void> {
    doubts += reading.doubts;
    for (const [logGroup, outcome] of reading.outcomes) {
      if (outcome.kind !== 'failed' || !isForgiven) outcomes.set(logGroup, outcome);
    }
    const place = { marks: positions, covered, limits };
    const kept = await keepReading(context, reading, place);
    if (kept.settled.length === 0) bytesUncounted += reading.bytesScanned;
    for (const mark of kept.marks) positions.set(mark.logGroup, mark);
    slices.push(...kept.settled.map(({ claim }) => claim));
    if (kept.lagMaxMs !== undefined) lags.push(kept.lagMaxMs);
  }
}
