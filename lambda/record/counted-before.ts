import { inSteps } from '../common/retry.ts';
import { floorTo, latestPlausibleEpochMs, minuteMs } from '../common/time.ts';
import { slicesCountedIn } from '../ledger/marks.ts';
import type { MonitorState } from '../ledger/monitor-state.ts';
import { lastScheduled } from '../plan/runtime-config.ts';
import type { TickContext } from './tick-context.ts';

/** A day of a tick every five minutes. */
const ticksLookedBack = 288;
const ticksAtOnce = 16;

/**
 * By log group, how far the documented query has counted, according to the records of its slices. Searches
 * a day of ticks before this one, and a day before the last completed one, which may be older after an
 * outage.
 *
 * @param wanted the search ends when all of these log groups are found
 */
export async function countedBefore(
  { table, shell, tickEpochMs }: Pick<TickContext, 'table' | 'shell' | 'tickEpochMs'>,
  { lastTickEpochMs }: Pick<MonitorState, 'lastTickEpochMs'>,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const periodMs = shell.config.everyMinutes * minuteMs;
  const latestEpochMs = latestPlausibleEpochMs(shell.clock);
  const ticks = [...new Set([tickEpochMs, lastTickEpochMs ?? tickEpochMs].flatMap(ticksBefore))];
  const ends = new Map<string, number>();
  const isFound = (logGroup: string) => ends.has(logGroup);
  for (let first = 0; first < ticks.length && !wanted.every(isFound); first += ticksAtOnce) {
    const records = await inSteps(ticks.slice(first, first + ticksAtOnce), (tick) =>
      slicesCountedIn(table, tick, 'documented'),
    );
    for (const { logGroup, endEpochMs } of records.flat()) {
      // With a position in the future, the lane would silently read nothing.
      if (endEpochMs > latestEpochMs) continue;
      ends.set(logGroup, Math.max(endEpochMs, ends.get(logGroup) ?? 0));
    }
  }
  return ends;

  /**
   * Latest first of each schedule: the schedule as it is now, and the one that this tick belongs to.
   * They differ for a tick that was made by hand, and after the schedule was moved.
   */
  function ticksBefore(epochMs: number): number[] {
    const ofTick = floorTo(epochMs, minuteMs);
    const schedules = [...new Set([lastScheduled(epochMs, shell.config), ofTick])];
    return Array.from({ length: ticksLookedBack }, (_, at) => at * periodMs).flatMap((backMs) =>
      schedules.map((latest) => latest - backMs),
    );
  }
}
