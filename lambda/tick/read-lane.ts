import { DeadlineError } from '../common/retry.ts';
import type { Mark } from '../ledger/marks.ts';
import { observeEvent } from '../lines/event-identity.ts';
import type { LogGroupFacts } from '../model/coverage.ts';
import { nextWidthMs, type Retreat } from '../model/retreat.ts';
import { isSweep, type Lane, windowTimes } from '../model/windows.ts';
import { laneTarget, nextSlice, type Slice } from '../plan/runtime-config.ts';
import type { PackTexts } from '../query/accepted-texts.ts';
import { QueryError } from '../query/query.ts';
import { isGone } from '../record/gaps.ts';
import { recordPartialReading, recordReading } from '../record/record-reading.ts';
import type { TickContext } from '../record/tick-context.ts';
import { readDocumented } from '../scan/read-documented.ts';
import { readPackSlice, type SliceReading } from '../scan/read-slice.ts';
import type { GroupOutcome } from '../scan/scan-groups.ts';
import type { RetreatBook } from './retreat-book.ts';

/** What to read of one lane in one tick. */
export interface LaneTask {
  readonly lane: Lane;
  /** The marks of the groups that can be read. */
  readonly marks: readonly Mark[];
  /** By log group, the scan's position: a sweep never overtakes it. */
  readonly scanned: ReadonlyMap<string, number>;
  /** Groups whose zeros are certain. */
  readonly covered: ReadonlySet<string>;
  /** What CloudWatch Logs says about a log group; undefined when unknown. */
  readonly factsOf: (logGroup: string) => LogGroupFacts | undefined;
  /** The widest slice. */
  readonly widthMaxMs: number;
  readonly retreats: RetreatBook;
  /** For the pack's lanes. @default nothing was ever refused */
  readonly packTexts?: PackTexts;
  /** Time in this tick for all lanes that are read together. */
  readonly scanTimeMs: number;
  /** Set for a single group that is read alone, after all others. @default an ordinary reading */
  readonly alone?: Retreat;
  /** @default as many as the time allows */
  readonly slicesMax?: number;
}

export interface LaneResult {
  readonly marks: readonly Mark[];
  /** The latest outcome of each group that was queried. */
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** The ledger or CloudWatch failed and reading stopped; the ledger is consistent. */
  readonly failure?: Error;
}

/** Whether the time simply ended before a call, without a slow or unavailable service as the cause. */
function isMereLackOfTime(error: unknown): boolean {
  return error instanceof DeadlineError && error.cause === undefined;
}

/** The longest time that StartQuery took for a query without an answer. */
function longestStartMs(readings: readonly SliceReading[]): number {
  const outcomes = readings.flatMap((reading) => [...reading.outcomes.values()]);
  const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
  return Math.max(0, ...errors.map((error) => (error instanceof QueryError ? error.startMs : 0)));
}

/** With less time left than this, a further slice would most likely not complete. */
const sliceTimeMinMs = 5_000;

/**
 * Reads a lane from the positions of its groups, slice by slice, oldest first, as far as the time allows;
 * the next tick continues. A group that cannot be read keeps its position while the others continue. A
 * group that holds more than one answer can return continues after the others, so it delays none.
 */
export async function readLane(context: TickContext, task: LaneTask): Promise<LaneResult> {
  const { lane, marks, scanned, covered, factsOf, widthMaxMs, retreats, scanTimeMs } = task;
  const { packTexts: texts, alone, slicesMax } = task;
  const { shell, tickEpochMs, scanDeadline } = context;
  // The clock does not decide what to read, but nothing after its time can be read completely.
  const nowEpochMs = Math.floor(shell.clock.nowEpochMs() / 1000) * 1000;
  const target = Math.min(laneTarget(lane, tickEpochMs, shell.config), nowEpochMs);
  const limits = isSweep(lane) ? scanned : new Map<string, number>();
  const limitOf = (logGroup: string) => Math.min(target, limits.get(logGroup) ?? target);
  const positions = new Map(marks.map((mark) => [mark.logGroup, mark]));
  const outcomes = new Map<string, GroupOutcome>();
  let [slicesRecorded, longestMs] = [0, 0];
  const widths = new Map<string, number>();
  // What this tick learns applies to the next one.
  const widthsBefore = new Map(
    marks.map(({ logGroup }) => [logGroup, retreats.of(lane, logGroup)?.widthSeconds]),
  );
  const crowded = new Set<string>();
  const begun = new Set<string>();
  let step = alone?.step ?? 'whole';
  let slicesRead = 0;
  /** Milliseconds to read for each second of a retreat's width. */
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
        throw new DeadlineError(`no time is left to read ${logGroups.join(', ')} after the others`);
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
    // If storing the answer kills the run, half of the requested span may hold just as much.
    if (isCutOff) await retreats.begin(lane, logGroups, attempt(endEpochMs));
    const isOutOfTime = scanDeadline.remainingMs() === 0;
    // A query that could not start for half of the time says nothing about the width of the slice, and
    // more of them are the last thing that a full account needs.
    const couldStart = longestStartMs(readings) < timeMs / 2;
    const hadItsTime = couldStart && (isFirst || timeMs >= scanTimeMs / 2);
    const asked = attempt(window.endEpochMs);
    // A count cannot be read in parts: being slow is no reason to postpone it.
    const isSmallest = lane === 'documented' && asked.widthSeconds === 1;
    const retreat = () => {
      if (hadItsTime && !isSmallest) retreats.timedOut(lane, logGroups, asked);
    };
    try {
      for (const reading of readings) await record(reading, isOutOfTime && !isFirst);
    } catch (error) {
      if (!isMereLackOfTime(error)) throw error;
      retreat();
      // The next run finds what is already stored.
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
    // Beyond the span that stopped a run there may be no more of it.
    if (isEmpty && endEpochMs >= (alone?.untilEpochMs ?? 0)) careMs *= 2;
    for (const { busiestGroup } of readings) {
      if (busiestGroup !== undefined) crowded.add(busiestGroup);
    }
    // The seconds after the skipped one may hold less.
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

  /** @param isForgiven whether failed groups count as not tried: the next tick reads this slice */
  async function record(reading: SliceReading, isForgiven: boolean): Promise<void> {
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
