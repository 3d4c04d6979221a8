import { ceilTo, dayMs, floorTo, hourMs } from './time.ts';

/** In which whole hours events came into the log groups of an environment. */
export interface IncomingHistory {
  /** The end of the last whole hour; it and all starts are full hours of UTC. */
  readonly untilEpochMs: number;
  /** By log group, the starts of the hours of the last {@link historyHours} in which events came in. */
  readonly wroteEpochMs: ReadonlyMap<string, ReadonlySet<number>>;
}

/** What is known of a log group besides its history. */
export interface GroupPast {
  readonly createdEpochMs?: number | undefined;
  /** The last tick that found it off (disabled, missing): what it did not write then is no silence. */
  readonly offUntilEpochMs?: number | undefined;
}

/** What the history of a log group says of its last hours. */
export type GroupSilence =
  | { readonly kind: 'as-usual' }
  /** It missed hours of its own, and so did all others: the environment stands still, or the metric does. */
  | { readonly kind: 'all-silent' }
  /** It wrote nothing for hours, and it is not known for a week what it usually does. */
  | { readonly kind: 'not-enough-history' }
  | {
      readonly kind: 'silent';
      /** From then on no event came in: the end of the last hour in which one did. */
      readonly sinceEpochMs: number;
      /** The start of the first hour of its own that it missed. */
      readonly missedEpochMs: number;
      /** On how many of the seven days before it wrote in that hour. */
      readonly wroteOnDays: number;
      /** The log groups that wrote all the while. */
      readonly aliveGroups: readonly string[];
    };

const historyDays = 7;
/** Missed hours are looked for in the last day, in case nobody looked for hours. */
const lookbackHours = 24;
/** How many hours must be asked for: the last day, and seven days before each of its hours. */
export const historyHours = historyDays * 24 + lookbackHours;

/** Whoever works from Monday to Friday writes on five of seven days. */
const ownDaysMin = 5;
/** What is looked at, before and after an hour, to tell how busy its day is. */
const dayHoursAround = 6;
/** A run that begins or ends somewhat earlier or later than on other days is no silence. */
const quietHoursBefore = 1;
const quietHoursAfter = 2;
/** So long a group is silent that wrote in each hour of the seven days before. */
const quietHoursOfSteady = 2;
/** A metric is some minutes late: the values of an hour that has just ended may not be there yet. */
const metricLagMs = 15 * 60_000;

/** The end of the last whole hour whose values are there at a moment. */
export function historyUntil(epochMs: number): number {
  return floorTo(epochMs - metricLagMs, hourMs);
}

/**
 * Holds each log group against its own history.
 *
 * A group fell silent when it wrote nothing in an hour of its own, in the hour before and in the two
 * hours after, while another group of the environment wrote in each of these four. An hour (of UTC, so
 * that summer time moves nothing) is its own when it wrote in it on at least five of the last seven days,
 * and on the others nothing for six hours around; and when it wrote in it on the same weekday a week
 * before, which was at least half as busy as the busiest of the seven days.
 *
 * A group that wrote in each hour of the seven days before fell silent when it wrote nothing for two hours,
 * while another group wrote in both: such a group has no hours of rest.
 *
 * So a batch that runs at night is held to its night, and one that runs from Monday to Friday to these
 * days. A group that writes at random has hardly any hour of its own. Whoever is watched can add events,
 * which hides a silence, but can take none out of the history. The metric has no value where there was no
 * event; when CloudWatch loses values, it loses those of all groups, which is no silence here.
 *
 * @param pasts by log group; the history before a group was made is another group's
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
  /** Before that, nothing was to be written. */
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

/** On how many of the seven days before it wrote in an hour that is its own; undefined for another one. */
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

/** Whether it wrote in each hour of the seven days before a full hour. */
function isSteadyUntil(wrote: ReadonlySet<number>, epochMs: number): boolean {
  const weekBefore = hoursFrom(epochMs - historyDays * dayMs, historyDays * 24);
  return weekBefore.every((start) => wrote.has(start));
}

/** The groups that wrote in all of these hours. */
function aliveIn(others: Subject['others'], hours: readonly number[]): string[] {
  return others
    .filter(({ wrote }) => hours.every((start) => wrote.has(start)))
    .map(({ logGroup }) => logGroup);
}

function hoursFrom(startEpochMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => startEpochMs + at * hourMs);
}

function hoursAround(hour: number, before: number, after: number): number[] {
  return hoursFrom(hour - before * hourMs, before + 1 + after);
}
