import type { Window } from './windows.ts';

/** One span of event time to read of some log groups. */
export interface Slice {
  readonly logGroups: readonly string[];
  readonly window: Window;
}

/** What is further behind than this is not caught up with. */
export const sliceMaxMinutes = 60;

/**
 * What to read of each log group up to the end of a tick's window: everything since its watermark,
 * so that a tick that failed or never came is caught up with and nothing is read twice. Groups with
 * equal watermarks are read together; a group that is read to the end already is in no slice.
 *
 * @param watermarks by log group, the event time before which everything was read; without one a
 *   group is read from the window's start
 */
export function slicesUntil(
  window: Window,
  logGroups: readonly string[],
  watermarks: ReadonlyMap<string, number>,
): Slice[] {
  const { startEpochMs, endEpochMs } = window;
  const oldestMs = endEpochMs - Math.max(sliceMaxMinutes * 60_000, endEpochMs - startEpochMs);
  const startOf = (logGroup: string) =>
    Math.max(watermarks.get(logGroup) ?? startEpochMs, oldestMs);
  return [...Map.groupBy(logGroups, startOf)]
    .filter(([start]) => start < endEpochMs)
    .map(([start, together]) => ({
      logGroups: together,
      window: { startEpochMs: start, endEpochMs },
    }));
}
