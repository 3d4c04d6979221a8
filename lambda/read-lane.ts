import type { LogGroupFacts } from './coverage.ts';
import { observeEvent } from './findings/event-identity.ts';
import { isGone } from './gaps.ts';
import { recordPartialReading, recordReading } from './keep-reading.ts';
import { isSweep, type Lane } from './lane.ts';
import { laneTarget, nextSlice, type Slice } from './lanes.ts';
import type { Mark } from './ledger/marks.ts';
import type { PackTexts } from './pack-texts.ts';
import { readDocumented } from './read-documented.ts';
import { readPackSlice, type SliceReading } from './read-slice.ts';
import { nextWidthMs, type Retreat } from './retreat.ts';
import type { RetreatBook } from './retreat-book.ts';
import { DeadlineError } from './retry.ts';
import type { GroupOutcome } from './scan-groups.ts';
import type { TickContext } from './tick-shell.ts';
import { windowTimes } from './windows.ts';

/** What is read of a lane in one tick. */
export interface LaneTask {
  readonly lane: Lane;
  /** The marks of the groups that can be read. */
  readonly marks: readonly Mark[];
  /** By log group, where the scan stands: a sweep never overtakes it. */
  readonly scanned: ReadonlyMap<string, number>;
  /** Groups whose zeros can be believed. */
  readonly covered: ReadonlySet<string>;
  /** What CloudWatch Logs says of a log group; undefined when it is not known. */
  readonly factsOf: (logGroup: string) => LogGroupFacts | undefined;
  /** The most that is asked for at once. */
  readonly widthMaxMs: number;
  readonly retreats: RetreatBook;
  /** Of the pack's lanes. @default nothing was ever refused */
  readonly packTexts?: PackTexts;
  /** Milliseconds that all lanes which are read together have in this tick. */
  readonly scanTimeMs: number;
  /** For a single group that is read by itself, after all others. @default an ordinary reading */
  readonly alone?: Retreat;
  /** Slices to read at the most. @default as many as the time allows */
  readonly slicesMax?: number;
}

/** How it went. */
export interface LaneResult {
  readonly marks: readonly Mark[];
  /** Of groups that were asked in this tick, the latest. */
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** The ledger or CloudWatch failed, so that nothing could go on; what is in the ledger is whole. */
  readonly failure?: Error;
}

/** The time was over before a call, and no service was slow or away at the end of it. */
function isMereLackOfTime(error: unknown): boolean {
  return error instanceof DeadlineError && error.cause === undefined;
}

/** With less time than this left, a further slice would most likely be begun for nothing. */
const sliceTimeMinMs = 5_000;

/**
 * Reads a lane from the positions of its groups, slice by slice, the oldest first, as far as the time
 * allows; the rest waits for the next tick. A group that cannot be read stays where it is, and the
 * others go on. A group that holds more than an answer goes on after the others, so that it delays
 * none of them.
 */
export async function readLane(context: TickContext, task: LaneTask): Promise<LaneResult> {
  const { lane, marks, scanned, covered, factsOf, widthMaxMs, retreats, scanTimeMs } = task;
  const { packTexts: texts, alone, slicesMax } = task;
  const { shell, tickEpochMs, scanDeadline } = context;
  // The clock never says what to read; but what it has not come to yet cannot be read for good.
  const nowEpochMs = Math.floor(shell.clock.nowEpochMs() / 1000) * 1000;
  const target = Math.min(laneTarget(lane, tickEpochMs, shell.config), nowEpochMs);
  const limits = isSweep(lane) ? scanned : new Map<string, number>();
  const limitOf = (logGroup: string) => Math.min(target, limits.get(logGroup) ?? target);
  const positions = new Map(marks.map((mark) => [mark.logGroup, mark]));
  const outcomes = new Map<string, GroupOutcome>();
  let [slicesRecorded, longestMs] = [0, 0];
  const widths = new Map<string, number>();
  // What this tick learns is for the next one.
  const widthsBefore = new Map(
    marks.map(({ logGroup }) => [logGroup, retreats.of(lane, logGroup)?.widthSeconds]),
  );
  const crowded = new Set<string>();
  const begun = new Set<string>();
  let step = alone?.step ?? 'whole';
  let slicesRead = 0;
  /** Milliseconds to ask for in each second of a retreat's width. */
  let careMs = 1000;
  let failure: Error | undefined;
  try {
    while (await readNext());
  } catch (cause) {
    failure = new Error(`lane ${lane} cannot go on`, { cause });
  }
  return { marks: [...positions.values()], outcomes, ...(failure && { failure }) };

  /** @returns whether there may be more to read in this tick */
  async function readNext(): Promise<boolean> {
    const slice = slicesRead === slicesMax ? undefined : chooseSlice();
    if (slice === undefined) return false;
    const { logGroups, window } = slice;
    const isFirst = slicesRecorded === 0 && alone === undefined;
    const neededMs = Math.max(sliceTimeMinMs, 1.5 * longestMs);
    const timeMs = scanDeadline.remainingMs();
    if (!(isFirst && !isSweep(lane)) && timeMs < neededMs) {
      shell.log('info', 'lane-goes-on-next-tick', { lane, from: windowTimes(window).start });
      if (alone !== undefined && !isSweep(lane) && slicesRead === 0) {
        throw new DeadlineError(
          `no time is left for ${logGroups.join(', ')}, read after the others`,
        );
      }
      return false;
    }
    const attempt = (endEpochMs: number): Retreat => ({
      widthSeconds: Math.max(1, Math.floor((endEpochMs - window.startEpochMs) / 1000)),
      alone: logGroups.length === 1,
      step,
      untilEpochMs: Math.max(endEpochMs, alone?.untilEpochMs ?? 0),
    });
    slicesRead += 1;
    const startedMs = shell.timer.monotonicMs();
    await retreats.begin(lane, logGroups, attempt(window.endEpochMs));
    const readings = await ask(slice);
    const ends = readings.map((reading) => reading.window.endEpochMs);
    const endEpochMs = Math.min(...ends);
    const isCutOff = endEpochMs < window.endEpochMs;
    // If storing it kills the run, half of what was asked may still hold as much.
    if (isCutOff) await retreats.begin(lane, logGroups, attempt(endEpochMs));
    const isOutOfTime = scanDeadline.remainingMs() === 0;
    const hadItsTime = isFirst || timeMs >= scanTimeMs / 2;
    const asked = attempt(window.endEpochMs);
    // A count cannot be asked for in parts: slow is no reason to let it wait for the others.
    const isSmallest = lane === 'documented' && asked.widthSeconds === 1;
    const retreat = () => {
      if (hadItsTime && !isSmallest) retreats.timedOut(lane, logGroups, asked);
    };
    try {
      for (const reading of readings) await keep(reading, isOutOfTime && !isFirst);
    } catch (error) {
      if (!isMereLackOfTime(error)) throw error;
      retreat();
      // What is stored of it by then is found there by the next run.
      if (slicesRecorded === 0 && !isSweep(lane)) throw error;
      shell.log('info', 'lane-goes-on-next-tick', { lane, from: windowTimes(window).start });
      return false;
    }
    if (isOutOfTime) retreat();
    longestMs = Math.max(longestMs, shell.timer.monotonicMs() - startedMs);
    for (const logGroup of logGroups) {
      if (outcomes.get(logGroup)?.kind === 'scanned' && !isOutOfTime) {
        const isAllThereWas =
          !isCutOff && !begun.has(logGroup) && window.endEpochMs >= limitOf(logGroup);
        const widthMaxSeconds = shell.config.maxSliceMinutes * 60;
        retreats.succeeded(lane, logGroup, { widthMaxSeconds, isAllThereWas });
      }
      begun.add(logGroup);
      widths.set(logGroup, nextWidthMs(endEpochMs - window.startEpochMs, widthMaxMs));
    }
    const isEmpty = readings.every(({ events, flooded }) => events.length === 0 && !flooded);
    // After what stopped a run there may be nothing more of it.
    if (isEmpty && endEpochMs >= (alone?.untilEpochMs ?? 0)) careMs *= 2;
    for (const { busiestGroup } of readings) {
      if (busiestGroup !== undefined) crowded.add(busiestGroup);
    }
    // The seconds after the one that was passed over may hold less.
    if (step === 'none') step = 'some';
    return !isOutOfTime;
  }

  function ask(slice: Slice): Promise<SliceReading[]> {
    if (lane !== 'documented') {
      const { detections, airflow } = context;
      return readPackSlice(shell, shell.plan, slice, scanDeadline, {
        observe: (event) => observeEvent(event, { detections, airflowVersion: airflow?.version }),
        ...{ lane, step },
        ...(texts && { texts }),
      });
    }
    return readDocumented(shell, shell.plan, slice, scanDeadline, {
      isGone: (logGroup, window) => {
        const facts = factsOf(logGroup);
        return facts !== undefined && isGone(window, facts, shell.clock.nowEpochMs());
      },
    });
  }

  function chooseSlice(): Slice | undefined {
    const readable = [...positions.values()].filter(({ logGroup }) => isReadable(logGroup));
    const uncrowded = readable.filter(({ logGroup }) => !crowded.has(logGroup));
    const choose = (widthMs: number) =>
      nextSlice(uncrowded, limitOf, widthMs) ?? nextSlice(readable, limitOf, widthMs);
    const widest = choose(widthMaxMs);
    if (widest === undefined) return undefined;
    return choose(Math.min(widthMaxMs, ...widest.logGroups.map(widthOf)));
  }

  function widthOf(logGroup: string): number {
    const widthSeconds = widthsBefore.get(logGroup);
    const retreatMs = widthSeconds === undefined ? widthMaxMs : widthSeconds * careMs;
    return Math.min(retreatMs, widths.get(logGroup) ?? widthMaxMs);
  }

  function isReadable(logGroup: string): boolean {
    const outcome = outcomes.get(logGroup);
    return outcome === undefined || outcome.kind === 'scanned' || outcome.kind === 'out-of-reach';
  }

  /** @param isForgiven a further slice that the time did not suffice for is the next tick's */
  async function keep(reading: SliceReading, isForgiven: boolean): Promise<void> {
    context.tally.addDoubts(reading.doubts);
    for (const [logGroup, outcome] of reading.outcomes) {
      if (outcome.kind !== 'failed' || !isForgiven) outcomes.set(logGroup, outcome);
    }
    const place = { marks: new Map(positions), covered, scanned };
    const moved = await recordReading(context, reading, place);
    slicesRecorded += moved.length;
    for (const mark of moved) positions.set(mark.logGroup, mark);
    await recordPartialReading(context, reading, place);
  }
}
