import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';

/** Periods in minutes that divide an hour. */
const hourDivisors = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];

/** The settings of an environment file that decide when a monitor reads. */
export type ScanSettings = Pick<
  RuntimeConfig,
  'everyMinutes' | 'settleMinutes' | 'nearSweep' | 'farSweep'
>;

/**
 * Settings for a session of minutes: by default the sweeps would run an hour and a day later, after
 * the demo.
 *
 * Their reaches are far enough apart for events that the scan misses and the near sweep finds, and
 * for events that only the far sweep finds.
 */
export function quickSweeps(everyMinutes: number): ScanSettings {
  const settleMinutes = 5;
  const nearSweep = {
    everyMinutes: evenly(everyMinutes, 2),
    lagMinutes: settleMinutes + everyMinutes + 2,
  };
  const farSweep = {
    everyMinutes: evenly(everyMinutes, 5),
    lagMinutes: nearSweep.lagMinutes + nearSweep.everyMinutes + 5,
  };
  return { everyMinutes, settleMinutes, nearSweep, farSweep };
}

/** The shortest period that divides an hour, falls on ticks and has at least the minutes given. */
function evenly(everyMinutes: number, atLeastMinutes: number): number {
  return (
    hourDivisors.find((minutes) => minutes >= atLeastMinutes && minutes % everyMinutes === 0) ??
    everyMinutes
  );
}
