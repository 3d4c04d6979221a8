import { dayMs, hourMs, minuteMs, secondMs } from '../../lambda/common/time.ts';
import type { Window } from '../../lambda/model/windows.ts';

/** Events of a log group, and how many of them contain `add-role`, as the documented query counts. */
export interface GroupMatches {
  readonly logGroup: string;
  readonly events: number;
  readonly eventsWithAddRole: number;
  /** The same by time; spans without events are absent. */
  readonly bars: readonly {
    readonly startEpochMs: number;
    readonly endEpochMs: number;
    readonly matches: number;
  }[];
}

/** The periods of Logs Insights' `bin` that bars can have. */
const periodsMs = [
  ...[1, 5, 15, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 6, 12].map((count) => count * hourMs),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * dayMs),
] as const;

const barsMax = 60;

/** The width of bars that show a span well. */
export function barMs({ startEpochMs, endEpochMs }: Window): number {
  const spanMs = endEpochMs - startEpochMs;
  const period = periodsMs.find((ms) => spanMs / ms <= barsMax);
  return period ?? Math.ceil(spanMs / barsMax / dayMs) * dayMs;
}

/** Counts by time are kept in the finest of these that the span allows; every bar is whole ones. */
const grainsMs = [secondMs, minuteMs, hourMs, dayMs] as const;
/** With more than this, the grain becomes coarser. */
const countsMax = 50_000;

/** The times that are counted, in whole seconds since 1970, both inclusive; as far as known beforehand. */
export interface CountedSpan {
  readonly startEpochSeconds?: number;
  readonly endEpochSeconds?: number;
  /** Milliseconds before the last event, if the span ends there: only then it is known where it starts. */
  readonly lastMs?: number;
}

interface Count {
  events: number;
  matches: number;
}

/** Counts by log group and time, as plain data. */
export type ListedCounts = readonly (readonly [
  logGroup: string,
  epochMs: number,
  grainMs: number,
  count: Count,
])[];

/** Counts a log's events by group and time, in constant memory for a span that is known or all of it. */
export class TimeCounts {
  readonly #span: CountedSpan;
  readonly #groups = new Map<string, Map<number, Count>>();
  #grainMs: number = secondMs;
  #size = 0;

  constructor(span: CountedSpan) {
    this.#span = span;
  }

  /** @param isMatch whether the event contains `add-role` */
  add(logGroup: string, epochMs: number, isMatch: boolean): void {
    const second = Math.floor(epochMs / secondMs);
    const { startEpochSeconds = second, endEpochSeconds = second } = this.#span;
    if (second < startEpochSeconds || second > endEpochSeconds) return;
    this.#count(logGroup, epochMs, { events: 1, matches: isMatch ? 1 : 0 });
  }

  #count(logGroup: string, epochMs: number, { events, matches }: Count): void {
    const group = this.#groups.get(logGroup) ?? new Map<number, Count>();
    this.#groups.set(logGroup, group);
    const at = Math.floor(epochMs / this.#grainMs);
    const known = group.get(at);
    if (known !== undefined) {
      known.events += events;
      known.matches += matches;
      return;
    }
    group.set(at, { events, matches });
    this.#size += 1;
    // Seconds before the span's start could not be told apart any more.
    if (this.#size > countsMax && this.#span.lastMs === undefined) this.#coarsen();
  }

  #coarsen(): void {
    const coarser = grainsMs.find((ms) => ms > this.#grainMs);
    if (coarser === undefined) return;
    const counts = this.list();
    this.#grainMs = coarser;
    this.#groups.clear();
    this.#size = 0;
    for (const [logGroup, epochMs, , count] of counts) this.#count(logGroup, epochMs, count);
  }

  list(): ListedCounts {
    return [...this.#groups].flatMap(([logGroup, counts]) =>
      [...counts].map(([at, count]) => {
        return [logGroup, at * this.#grainMs, this.#grainMs, count] as const;
      }),
    );
  }

  append(counts: ListedCounts): void {
    for (const [logGroup, epochMs, grainMs, count] of counts) {
      while (this.#grainMs < grainMs) this.#coarsen();
      this.#count(logGroup, epochMs, count);
    }
  }

  /** @param range all events of which were counted, in whole seconds */
  within(range: Window, logGroups: readonly string[]): GroupMatches[] {
    const widthMs = barMs(range);
    // A span that is known, or is that of all events, was observed while counting.
    const startEpochMs = this.#span.lastMs === undefined ? 0 : range.startEpochMs;
    return logGroups.map((logGroup) => {
      const bars = new Map<number, Count>();
      for (const [at, { events, matches }] of this.#groups.get(logGroup) ?? []) {
        if (at * this.#grainMs < startEpochMs) continue;
        const start = Math.floor((at * this.#grainMs) / widthMs) * widthMs;
        const bar = bars.get(start) ?? { events: 0, matches: 0 };
        bars.set(start, { events: bar.events + events, matches: bar.matches + matches });
      }
      const inOrder = [...bars].toSorted(([a], [b]) => a - b);
      return {
        logGroup,
        events: inOrder.reduce((sum, [, { events }]) => sum + events, 0),
        eventsWithAddRole: inOrder.reduce((sum, [, { matches }]) => sum + matches, 0),
        bars: inOrder.map(([start, { matches }]) => {
          return { startEpochMs: start, endEpochMs: start + widthMs, matches };
        }),
      };
    });
  }
}
