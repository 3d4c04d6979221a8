import { ceilTo, dayMs, floorTo, hourMs } from '../common/time.ts';

/** The whole hours in which events came into the log groups of an environment. */
export interface IncomingHistory {
  /** The end of the last whole hour. It and all starts of hours are full hours of UTC. */
  readonly untilEpochMs: number;
  /**
   * By log group, the starts of the hours of the last {@link historyHours} in which events came in.
   */
  readonly wroteEpochMs: ReadonlyMap<string, ReadonlySet<number>>;
}

/** What is known about a log group in addition to its history. */
export interface GroupPast {
  readonly createdEpochMs?: number | undefined;
  /** The last tick that found it off (disabled, missing): until then it was not silent but off. */
  readonly offUntilEpochMs?: number | undefined;
}

/** How the last hours of a log group compare with its history. */
export type GroupSilence =
  | { readonly kind: 'as-usual' }
  /**
   * It missed hours of its own, and so did all others: the environment has stopped, or the metric
   * has.
   */
  | { readonly kind: 'all-silent' }
  /** It wrote nothing for hours, but its history is shorter than a week. */
  | { readonly kind: 'not-enough-history' }
  | {
      readonly kind: 'silent';
      /** The time since which no event has come in: the end of the last hour in which one did. */
      readonly sinceEpochMs: number;
      /** The start of the first hour of its own that it missed. */
      readonly missedEpochMs: number;
      /** On how many of the seven days before it wrote in that hour. */
      readonly wroteOnDays: number;
      /** The log groups that wrote all the while. */
      readonly aliveGroups: readonly string[];
    };

const historyDays = 7;
/** Missed hours are searched for in the last day, in case no tick ran for hours. */
const lookbackHours = 24;
/** How many hours of history to load: the last day, and seven days before each of its hours. */
export const historyHours = historyDays * 24 + lookbackHours;

/** A group that is used from Monday to Friday writes on five of seven days. */
const ownDaysMin = 5;
/** How many hours before and after an hour show how busy its day is. */
const dayHoursAround = 6;
/**
 * A run that begins or ends somewhat earlier or later than on other days does not count as silence.
 */
const quietHoursBefore = 1;
const quietHoursAfter = 2;
/** Hours without an event after which a group is silent that wrote in each hour of seven days. */
const quietHoursOfSteady = 2;
/**
 * The metric is some minutes late: the values of an hour that has just ended may not be there yet.
 */
const metricLagMs = 15 * 60_000;

/** The end of the last whole hour whose values are available at a moment. */
export function historyUntil(epochMs: number): number {
  return floorTo(epochMs - metricLagMs, hourMs);
}

/**
 * Compares each log group with its own history.
 *
 * A group fell silent when it wrote nothing in an hour of its own, in the hour before and in the
 * two hours after, while another group of the environment wrote in each of these four. An hour (of
 * UTC, so that summer time moves nothing) is its own when it meets two conditions. The group wrote
 * in it on at least five of the last seven days, and on the others wrote nothing for six hours
 * around it. It also wrote in it on the same weekday a week before, which was at least half as busy
 * as the busiest of the seven days.
 *
 * A group that wrote in each hour of the seven days before fell silent when it wrote nothing for
 * two hours, while another group wrote in both: such a group has no quiet hours.
 *
 * So a batch that runs at night is expected at night, and one that runs from Monday to Friday on
 * these days. A group that writes at random has hardly any hour of its own. Whoever is watched can
 * add events, which hides a silence, but cannot remove events from the history. The metric has no
 * value where there was no event; when CloudWatch loses values, it loses those of all groups, which
 * is not a silence here.
 *
 * @param pasts by log group; the history before a group was created belongs to an earlier group of
 *   its name
 */
export function judgeSilence(
  { untilEpochMs, wroteEpochMs }: IncomingHistory,
  pasts: ReadonlyMap<string, GroupPast> = new Map(),
): Map<string, GroupSilence> {
  const groups = [...wroteEpochMs].map(([logGroup, wrote]) => {
    const { createdEpochMs = 0, offUntilEpochMs = 0 } = pasts.get(logGroup) ?? {};
    const own = new Set([...wrote].filter((start) => start + hourMs > createdEpochMs));
    return { logGroup, wrote: own, notBeforeEpochMs: Math.max(createdEpochMs, offUntilEpochMs) };
  });
  return new Map(
    groups.map(({ logGroup, wrote, notBeforeEpochMs }) => {
      const others = groups.filter((other) => other.logGroup !== logGroup);
      return [logGroup, judgeGroup({ untilEpochMs, wrote, notBeforeEpochMs, others })];
    }),
  );
}

interface Subject {
  readonly untilEpochMs: number;
  readonly wrote: ReadonlySet<number>;
  /** Until then the group did not exist or was off. */
  readonly notBeforeEpochMs: number;
  readonly others: readonly { readonly logGroup: string; readonly wrote: ReadonlySet<number> }[];
}

function judgeGroup({ untilEpochMs, wrote, notBeforeEpochMs, others }: Subject): GroupSilence {
  const lastWroteEpochMs = Math.max(...wrote);
  const sinceEpochMs = Math.max(lastWroteEpochMs + hourMs, notBeforeEpochMs);
  const firstEpochMs = Math.max(
    ceilTo(sinceEpochMs, hourMs) + quietHoursBefore * hourMs,
    untilEpochMs - lookbackHours * hourMs,
  );
  const lastEpochMs = untilEpochMs - (1 + quietHoursAfter) * hourMs;
  if (isSteadyUntil(wrote, sinceEpochMs)) {
    const quiet = hoursFrom(sinceEpochMs, quietHoursOfSteady);
    const aliveGroups = aliveIn(others, quiet);
    if (sinceEpochMs + quietHoursOfSteady * hourMs <= untilEpochMs && aliveGroups.length > 0) {
      return {
        ...{ kind: 'silent', sinceEpochMs, missedEpochMs: sinceEpochMs },
        ...{ wroteOnDays: historyDays, aliveGroups },
      };
    }
  }
  if (lastEpochMs < firstEpochMs) return { kind: 'as-usual' };
  if (Math.min(...wrote) > lastEpochMs - historyDays * dayMs) return { kind: 'not-enough-history' };
  let hasMissed = false;
  for (let hour = firstEpochMs; hour <= lastEpochMs; hour += hourMs) {
    const wroteOnDays = ownHourDays(wrote, hour);
    if (wroteOnDays === undefined) continue;
    hasMissed = true;
    const aliveGroups = aliveIn(others, hoursAround(hour, quietHoursBefore, quietHoursAfter));
    if (aliveGroups.length === 0) continue;
    return { kind: 'silent', sinceEpochMs, missedEpochMs: hour, wroteOnDays, aliveGroups };
  }
  const isAnyAlive = others.some((other) => other.wrote.has(untilEpochMs - hourMs));
  return { kind: hasMissed && !isAnyAlive ? 'all-silent' : 'as-usual' };
}

/**
 * On how many of the seven days before it wrote in an hour; undefined if the hour is not its own.
 */
function ownHourDays(wrote: ReadonlySet<number>, hour: number): number | undefined {
  const days = Array.from({ length: historyDays }, (_, at) => {
    const sameHour = hour - (at + 1) * dayMs;
    const around = hoursAround(sameHour, dayHoursAround, dayHoursAround);
    const hoursWritten = around.filter((start) => wrote.has(start)).length;
    return { hasWritten: wrote.has(sameHour), hoursWritten };
  });
  const wroteOnDays = days.filter(({ hasWritten }) => hasWritten).length;
  const isElseOff = days.every((day) => day.hasWritten || day.hoursWritten === 0);
  const sameWeekday = days.at(-1);
  const busiest = Math.max(...days.map(({ hoursWritten }) => hoursWritten));
  const isSameWeekdayOwn =
    sameWeekday?.hasWritten === true && 2 * sameWeekday.hoursWritten >= busiest;
  return isSameWeekdayOwn && isElseOff && wroteOnDays >= ownDaysMin ? wroteOnDays : undefined;
}

/** Whether it wrote in each hour of the seven days that end at a full hour. */
function isSteadyUntil(wrote: ReadonlySet<number>, epochMs: number): boolean {
  return wroteInEach(wrote, epochMs - historyDays * dayMs, historyDays * 24);
}

/** The groups that wrote in all of these hours. */
function aliveIn(others: Subject['others'], hours: readonly number[]): string[] {
  return others
    .filter(({ wrote }) => hours.every((start) => wrote.has(start)))
    .map(({ logGroup }) => logGroup);
}

/** Whether a group wrote in each of N hours; most often the first ones decide that it did not. */
function wroteInEach(wrote: ReadonlySet<number>, startEpochMs: number, hours: number): boolean {
  for (let hour = 0; hour < hours; hour += 1) {
    if (!wrote.has(startEpochMs + hour * hourMs)) return false;
  }
  return true;
}

function hoursFrom(startEpochMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => startEpochMs + at * hourMs);
}

function hoursAround(hour: number, before: number, after: number): number[] {
  return hoursFrom(hour - before * hourMs, before + 1 + after);
}
