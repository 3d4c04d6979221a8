import type { RuntimeConfig } from '../../lambda/runtime-config.ts';

/** Minutes between the ticks of what recurs evenly within an hour. */
const hourDivisors = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];

/** What an environment file says of the times at which a monitor reads. */
export type ScanSettings = Pick<
  RuntimeConfig,
  'everyMinutes' | 'settleMinutes' | 'nearSweep' | 'farSweep'
>;

/**
 * Settings for a session of minutes: by default the sweeps run an hour and a day later, when nobody
 * watches any more.
 *
 * Their reaches lie so far apart that there are events which the scan misses and the near sweep finds,
 * and events which only the far sweep finds.
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

/** The shortest even period of at least so many minutes that falls on ticks. */
function evenly(everyMinutes: number, atLeastMinutes: number): number {
  return (
    hourDivisors.find((minutes) => minutes >= atLeastMinutes && minutes % everyMinutes === 0) ??
    everyMinutes
  );
}
