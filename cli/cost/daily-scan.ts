import { dayMs, secondMs } from '../../lambda/common/time.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import { type Lane, lanes, queryTimes, type Window } from '../../lambda/model/windows.ts';
import { plannedSlices, type ScanSchedule } from './planned-slices.ts';

/** A number, or its bounds where it depends on what is not known. */
export interface Amount {
  readonly least: number;
  readonly most: number;
}

export function exactly(number: number): Amount {
  return { least: number, most: number };
}

export function sumOf(amounts: readonly Amount[]): Amount {
  return {
    least: amounts.reduce((sum, { least }) => sum + least, 0),
    most: amounts.reduce((sum, { most }) => sum + most, 0),
  };
}

export function scaled({ least, most }: Amount, factor: number): Amount {
  return { least: least * factor, most: most * factor };
}

/** What the log groups take in on a day. */
export interface DailyLogs {
  readonly gb: number;
  /** By log type, which add up to `gb`; absent when only the sum is known. */
  readonly gbByType?: Readonly<Record<LogType, number>>;
}

/** What one lane, or one alarm, asks and scans on a day. */
export interface DailyScan {
  readonly queries: number;
  readonly gb: Amount;
}

/**
 * What each lane of a monitor scans on a day without an outage; logs come in evenly. An outage changes the
 * day, not the sum: what it missed is read once, afterwards.
 *
 * A lane without a match asks one query a slice. Where the documented query counts lines, it asks again for
 * the second at the slice's end, and seldom for the whole slice.
 */
export function monitorScan(
  schedule: ScanSchedule,
  { gb }: DailyLogs,
  hasPack = true,
): ReadonlyMap<Lane, DailyScan> {
  const day = plannedSlices({ startEpochMs: 0, endEpochMs: dayMs }, schedule);
  return new Map(
    lanes
      .filter((lane) => hasPack || lane === 'documented')
      .map((lane) => {
        const slices = day.filter((slice) => slice.lane === lane);
        const seconds = slices.reduce((sum, { window }) => sum + secondsAsked(window), 0);
        const share = (seconds * secondMs) / dayMs;
        return [lane, { queries: slices.length, gb: exactly(gb * share) }];
      }),
  );
}

/** Both ends are inclusive: at most the whole second of the end is scanned as well. */
function secondsAsked(window: Window): number {
  const { startTime, endTime } = queryTimes(window);
  return endTime - startTime + 1;
}

interface Reader {
  readonly logTypes: readonly LogType[];
}

/**
 * What one scheduled query for each detection scans on a day: each reads its own log types alone, every byte
 * once, on the monitor's schedule. With the sum of the logs alone, the bounds are all logs in the log type
 * that the fewest detections read, and in the one that the most read.
 */
export function separateScan(
  readers: readonly Reader[],
  { everyMinutes }: Pick<ScanSchedule, 'everyMinutes'>,
  { gb, gbByType }: DailyLogs,
): DailyScan {
  const queriesOfOne = 1440 / everyMinutes;
  const periodSeconds = everyMinutes * 60;
  const factor = (periodSeconds + 1) / periodSeconds;
  const passes = (type: LogType) => readers.filter((one) => one.logTypes.includes(type)).length;
  const queries = readers.length * queriesOfOne;
  if (gbByType !== undefined) {
    const scanned = logTypes.reduce((sum, type) => sum + passes(type) * gbByType[type], 0);
    return { queries, gb: exactly(scanned * factor) };
  }
  const all = logTypes.map(passes);
  const bounds = { least: Math.min(...all) * gb, most: Math.max(...all) * gb };
  return { queries, gb: scaled(bounds, factor) };
}
