import { dayMs, hourMs, minuteMs } from '../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import { queryableFrom } from '../../lambda/record/gaps.ts';
import { UserError } from '../common/output.ts';

/** Half-open spans of time, in order; no two of them touch. */
export type Spans = readonly Window[];

/** The union of the spans and the added one. */
export function addSpan(spans: Spans, added: Window): Window[] {
  if (added.startEpochMs >= added.endEpochMs) return [...spans];
  const apart = spans.filter(
    ({ startEpochMs, endEpochMs }) =>
      endEpochMs < added.startEpochMs || startEpochMs > added.endEpochMs,
  );
  const joined = spans.filter((span) => !apart.includes(span));
  const startEpochMs = Math.min(added.startEpochMs, ...joined.map((span) => span.startEpochMs));
  const endEpochMs = Math.max(added.endEpochMs, ...joined.map((span) => span.endEpochMs));
  return [...apart, { startEpochMs, endEpochMs }].sort((a, b) => a.startEpochMs - b.startEpochMs);
}

/** The parts of a window that are in none of the spans. */
export function withoutSpans({ startEpochMs, endEpochMs }: Window, spans: Spans): Window[] {
  const left: Window[] = [];
  let from = startEpochMs;
  for (const span of spans) {
    if (span.endEpochMs <= from) continue;
    if (span.startEpochMs >= endEpochMs) break;
    if (span.startEpochMs > from) left.push({ startEpochMs: from, endEpochMs: span.startEpochMs });
    from = span.endEpochMs;
  }
  return from < endEpochMs ? [...left, { startEpochMs: from, endEpochMs }] : left;
}

/** The length of the overlap of two windows, in milliseconds. */
export function overlapMs(a: Window, b: Window): number {
  const startEpochMs = Math.max(a.startEpochMs, b.startEpochMs);
  return Math.max(0, Math.min(a.endEpochMs, b.endEpochMs) - startEpochMs);
}

export function lengthMs({ startEpochMs, endEpochMs }: Window): number {
  return endEpochMs - startEpochMs;
}

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
