import { minuteMs } from '../lambda/common/time.ts';
import { type Lane, lanes } from '../lambda/model/lane.ts';
import type { Window } from '../lambda/model/windows.ts';
import { laneTarget, nextSlice } from '../lambda/plan/lanes.ts';
import type { RuntimeConfig } from '../lambda/plan/runtime-config.ts';

/** One span of event time that a lane reads at a tick. */
export interface PlannedSlice {
  readonly lane: Lane;
  readonly tickEpochMs: number;
  readonly window: Window;
}

export type Schedule = Pick<
  RuntimeConfig,
  'everyMinutes' | 'settleMinutes' | 'maxSliceMinutes' | 'nearSweep' | 'farSweep'
>;

/**
 * All slices that an undisturbed monitor reads in the ticks of a span, from the Lambda's own
 * planning of lanes and slices. All log groups have the same position, so each slice is read once.
 *
 * @param span span of tick times; before it, every lane is up to date
 */
export function slicesOf({ startEpochMs, endEpochMs }: Window, schedule: Schedule): PlannedSlice[] {
  const periodMs = schedule.everyMinutes * minuteMs;
  const first = Math.ceil(startEpochMs / periodMs) * periodMs;
  const positions = new Map(
    lanes.map((lane) => [lane, laneTarget(lane, first - periodMs, schedule)]),
  );
  const planned: PlannedSlice[] = [];
  for (let tickEpochMs = first; tickEpochMs < endEpochMs; tickEpochMs += periodMs) {
    for (const lane of lanes) {
      const target = laneTarget(lane, tickEpochMs, schedule);
      for (;;) {
        const positionEpochMs = positions.get(lane) ?? target;
        const slice = nextSlice(
          [{ logGroup: 'all', positionEpochMs }],
          () => target,
          schedule.maxSliceMinutes * minuteMs,
        );
        if (slice === undefined) break;
        planned.push({ lane, tickEpochMs, window: slice.window });
        positions.set(lane, slice.window.endEpochMs);
      }
    }
  }
  return planned;
}
