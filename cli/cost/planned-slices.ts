import { minuteMs } from '../../lambda/common/time.ts';
import { type Lane, lanes, type Window } from '../../lambda/model/windows.ts';
import { laneTarget, nextSlice, type RuntimeConfig } from '../../lambda/plan/runtime-config.ts';

/** One span of event time that a lane reads at a tick. */
export interface PlannedSlice {
  readonly lane: Lane;
  readonly tickEpochMs: number;
  readonly window: Window;
}

/** The settings that decide what is read when. */
export type ScanSchedule = Pick<
  RuntimeConfig,
  'everyMinutes' | 'offsetMinutes' | 'settleMinutes' | 'maxSliceMinutes' | 'nearSweep' | 'farSweep'
>;

/**
 * All slices that a monitor reads in the ticks of a span, from the function's own planning of lanes and
 * slices. All log groups have the same position, so each slice is read once.
 *
 * @param span span of tick times; before it, every lane is up to date
 * @param isMissed whether a tick does not run, so that the next ones catch up. @default none is missed
 */
export function plannedSlices(
  { startEpochMs, endEpochMs }: Window,
  schedule: ScanSchedule,
  isMissed: (tickEpochMs: number) => boolean = () => false,
): PlannedSlice[] {
  const periodMs = schedule.everyMinutes * minuteMs;
  const offsetMs = (schedule.offsetMinutes ?? 0) * minuteMs;
  const first = Math.ceil((startEpochMs - offsetMs) / periodMs) * periodMs + offsetMs;
  const positions = new Map(
    lanes.map((lane) => [lane, laneTarget(lane, first - periodMs, schedule)]),
  );
  const planned: PlannedSlice[] = [];
  for (let tickEpochMs = first; tickEpochMs < endEpochMs; tickEpochMs += periodMs) {
    if (isMissed(tickEpochMs)) continue;
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
