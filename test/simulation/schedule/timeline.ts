import { minuteMs } from '../../../lambda/common/time.ts';
import type { Permille, Schedule } from './schedule.ts';

/** When what happens. */
export interface Timeline {
  /** Where the first slice begins. */
  readonly startEpochMs: number;
  /** The delivered ticks, in order. */
  readonly tickEpochMs: readonly number[];
  /** The last of them. */
  readonly endEpochMs: number;
  at(share: Permille): number;
}

const midnight = Date.parse('2026-03-02T00:00:00Z');
/** Schedules begin at different places of the sweeps' rhythm. */
const beginnings = 12;

/** A missing tick moves those behind it by a period, an outage by whole periods of its hours. */
export function timelineOf({
  seed,
  settings: { everyMinutes, settleMinutes, ticks },
  tickFaults,
  outages,
}: Pick<Schedule, 'seed' | 'settings' | 'tickFaults' | 'outages'>): Timeline {
  const first = midnight + (seed % beginnings) * everyMinutes * minuteMs;
  const tickEpochMs = Array.from({ length: ticks }, (_, tick) => {
    const missing = tickFaults.filter(
      (fault) => fault.kind === 'tick-missing' && fault.tick < tick,
    );
    const out = outages
      .filter(({ beforeTick }) => beforeTick > 0 && beforeTick <= tick)
      .reduce((sum, { hours }) => sum + Math.ceil((hours * 60) / everyMinutes), 0);
    return first + (tick + missing.length + out) * everyMinutes * minuteMs;
  });
  const startEpochMs = first - (settleMinutes + everyMinutes) * minuteMs;
  const endEpochMs = tickEpochMs.at(-1) ?? first;
  return {
    ...{ startEpochMs, tickEpochMs, endEpochMs },
    at: (share) => startEpochMs + Math.floor(((endEpochMs - startEpochMs) * share) / 1000),
  };
}
