import { dayMs, hourMs, minuteMs } from '../../lambda/common/time.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { Slice } from '../../lambda/plan/lanes.ts';
import { UserError } from '../shared/user-error.ts';
import { lengthMs, type Spans, withoutSpans } from './spans.ts';

/** Each divides a day or is whole days, so that slices begin at full hours and days. */
const widthsMs = [
  ...[1, 5, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 3, 6, 12].map((hours) => hours * hourMs),
  dayMs,
  7 * dayMs,
];
/** Enough for visible progress and for concurrent queries. */
const slicesWanted = 48;
/** A query may run for at most an hour; how much AWS reads in that time is not documented. */
const sliceBytesMax = 5e9;

/**
 * How much log time one query should cover; it does not change the findings.
 *
 * @param bytes the estimated bytes in the range
 * @returns the widest width that results in enough slices of a moderate size
 */
export function sliceWidthMs(range: Window, bytes: number): number {
  const rangeMs = lengthMs(range);
  const fits = (widthMs: number) => {
    const slices = rangeMs / widthMs;
    return slices >= slicesWanted && bytes / slices <= sliceBytesMax;
  };
  return widthsMs.findLast(fits) ?? minuteMs;
}

/** The state has a reading of each slice, and is rewritten after each. */
const slicesMax = 20_000;

/**
 * @param sliceMs from the option, the state of an earlier run, or {@link sliceWidthMs}
 * @throws UserError for a range that would be cut into more slices than a state can have
 */
export function checkSliceCount(range: Window, sliceMs: number): void {
  const slices = Math.ceil(lengthMs(range) / sliceMs);
  if (slices <= slicesMax) return;
  const count = (number: number) => number.toLocaleString('en');
  throw new UserError(
    `the range has ${count(slices)} slices of ${count(sliceMs / 1000)} s, and an audit reads at most ${count(slicesMax)}; give a wider --slice, or a shorter range`,
  );
}

/** A span of time of one log group. */
export interface GroupSpan {
  readonly logGroup: string;
  readonly window: Window;
}

/**
 * The slices left to read, in the order of time. Each is a window within one cell of the grid, for
 * the log groups in which all of it is left.
 *
 * @param widthMs whole seconds; the grid begins at the epoch, so that it is aligned with clock and
 * calendar
 * @param done the spans of a log group that were read already
 */
export function slicesLeft(
  groups: readonly GroupSpan[],
  widthMs: number,
  done: (logGroup: string) => Spans,
): Slice[] {
  const byWindow = new Map<string, { window: Window; logGroups: string[] }>();
  // Cut all groups where one begins later, so that from there on one query covers them together.
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
