import type { Slice } from '../../lambda/lanes.ts';
import type { Window } from '../../lambda/windows.ts';
import { UserError } from '../user-error.ts';
import { lengthMs, type Spans, withoutSpans } from './spans.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** All divide the day or are whole days, so that slices begin at full hours and days. */
const widthsMs = [
  ...[1, 5, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 3, 6, 12].map((hours) => hours * hourMs),
  dayMs,
  7 * dayMs,
];
/** Enough for progress that moves, and for queries to run beside each other. */
const slicesWanted = 48;
/** A query may run for an hour at most; what AWS reads in that time is not documented. */
const sliceBytesMax = 5e9;

/**
 * How much to read at once: it makes no difference to what is found.
 *
 * @param bytes that the range holds, about
 * @returns the widest that gives enough slices of a moderate size
 */
export function sliceWidthMs(range: Window, bytes: number): number {
  const rangeMs = lengthMs(range);
  const fits = (widthMs: number) => {
    const slices = rangeMs / widthMs;
    return slices >= slicesWanted && bytes / slices <= sliceBytesMax;
  };
  return widthsMs.findLast(fits) ?? minuteMs;
}

/** The state of a run holds a reading of each, and is written anew after each of them. */
const slicesMax = 20_000;

/**
 * @param sliceMs as an option, the state of an earlier run or {@link sliceWidthMs} has it
 * @throws UserError for a range that would be cut into more slices than a run can keep
 */
export function checkSliceCount(range: Window, sliceMs: number): void {
  const slices = Math.ceil(lengthMs(range) / sliceMs);
  if (slices <= slicesMax) return;
  const count = (number: number) => number.toLocaleString('en');
  throw new UserError(
    `slices of ${count(sliceMs / 1000)} s: ${count(slices)} of them are more than the ${count(slicesMax)} that an audit reads; give a wider --slice, or a shorter range`,
  );
}

/** One log group, and what of it there is to read. */
export interface GroupSpan {
  readonly logGroup: string;
  readonly window: Window;
}

/**
 * The slices that are still to read, in the order of time: each of a window that no boundary of the
 * grid crosses, for the log groups of which all of it is left.
 *
 * @param widthMs whole seconds; the grid begins at the epoch, so that it is that of clock and calendar
 * @param done of a log group, what was read already
 */
export function slicesLeft(
  groups: readonly GroupSpan[],
  widthMs: number,
  done: (logGroup: string) => Spans,
): Slice[] {
  const byWindow = new Map<string, { window: Window; logGroups: string[] }>();
  // A group that begins later ends the windows of the others there, so that they are asked together.
  const starts = [...new Set(groups.map(({ window }) => window.startEpochMs))];
  for (const { logGroup, window } of groups) {
    for (const left of withoutSpans(window, done(logGroup))) {
      for (const piece of cutAtGrid(left, widthMs, starts)) {
        const key = `${piece.startEpochMs} ${piece.endEpochMs}`;
        const known = byWindow.get(key);
        if (known) known.logGroups.push(logGroup);
        else byWindow.set(key, { window: piece, logGroups: [logGroup] });
      }
    }
  }
  return [...byWindow.values()].sort(
    (a, b) =>
      a.window.startEpochMs - b.window.startEpochMs || a.window.endEpochMs - b.window.endEpochMs,
  );
}

function cutAtGrid(window: Window, widthMs: number, cuts: readonly number[]): Window[] {
  const pieces: Window[] = [];
  for (let { startEpochMs } = window; startEpochMs < window.endEpochMs; ) {
    const from = startEpochMs;
    const endEpochMs = Math.min(
      window.endEpochMs,
      (Math.floor(from / widthMs) + 1) * widthMs,
      ...cuts.filter((cut) => cut > from),
    );
    pieces.push({ startEpochMs, endEpochMs });
    startEpochMs = endEpochMs;
  }
  return pieces;
}
