import type { EventTotals, LogEvent } from '../log-event.ts';
import type { UnreadEvent } from './event-table.ts';
import type { OptionalColumn } from './translate.ts';

/** What one query needs of the events: all that an engine has to keep in order to answer it. */
export interface EventNeeds {
  readonly optionalColumns: readonly OptionalColumn[];
  /** Sets of strings: an event whose message lacks every string of one of them changes no row. */
  readonly requiredStrings: readonly (readonly string[])[];
  /** The groups that the text names by SOURCE; undefined when it reads all. */
  readonly logGroups: readonly string[] | undefined;
  readonly range: ForeseenRange;
}

/** What is known of a query's time range before the events are read, in epoch milliseconds. */
export interface ForeseenRange {
  /** Both inclusive: no event outside will be read. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  /**
   * Whether every event inside will be read. Otherwise the query begins at a whole second that is known only
   * after the last event.
   */
  readonly isExact: boolean;
}

/** When a query reads, both ends inclusive, and when it is asked, in epoch milliseconds. */
interface QueryTimes {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly nowEpochMs: number;
}

/** A number of events. */
export interface EventTally {
  records: number;
  /** Of messages, in UTF-8. */
  bytes: number;
}

/** Events of one log group that are not read as a whole, because the query does not need all of them. */
export interface UnreadGroup {
  /** Whether the query may need to read an event of its time range as a whole. */
  readonly mayBeNeeded: boolean;
  /**
   * Counts an event, and keeps it if the query needs it; times in epoch milliseconds.
   *
   * @param bytes of its message, in UTF-8
   */
  pass(timestamp: number, ingestionTime: number | undefined, bytes: number): void;
  /** Counts several events of the query's time range. Missing where each has to be counted on its own. */
  readonly passTogether?: (passed: EventTotals) => void;
}

/** Of unread events of one log group; in epoch milliseconds, as {@link EventTotals}. */
type Times = Pick<EventTotals, 'firstEpochMs' | 'lastEpochMs' | 'lastIngestionEpochMs'>;

/** What is known of the events that a reader did not keep, as plain data: another one of the same query adds it. */
export interface NotKept {
  /** By the second in which the range can begin. */
  readonly tallies: readonly (readonly [second: number, tally: Readonly<EventTally>])[];
  /** Of the events that the query scans; infinite without one. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  readonly lastVisibleEpochMs: number;
  /** Of all events, scanned or not. */
  readonly times: readonly (readonly [logGroup: string, times: Times])[];
}

/** What is known of one event alone. */
function alone(
  timestamp: number,
  ingestionTime: number | undefined,
  textBytes: number,
): EventTotals {
  return {
    ...{ count: 1, textBytes, firstEpochMs: timestamp, lastEpochMs: timestamp },
    lastIngestionEpochMs: ingestionTime ?? 0,
    lastVisibleEpochMs: ingestionTime ?? timestamp,
  };
}

/** What is known of unread events; times in epoch milliseconds. */
class UnreadTimes {
  /** Infinite without an event. */
  firstEpochMs = Number.POSITIVE_INFINITY;
  lastEpochMs = 0;
  /** 0 if none has a time of ingestion. */
  lastIngestionEpochMs = 0;

  add(passed: Times): void {
    this.firstEpochMs = Math.min(this.firstEpochMs, passed.firstEpochMs);
    this.lastEpochMs = Math.max(this.lastEpochMs, passed.lastEpochMs);
    this.lastIngestionEpochMs = Math.max(this.lastIngestionEpochMs, passed.lastIngestionEpochMs);
  }

  forget(): void {
    this.firstEpochMs = Number.POSITIVE_INFINITY;
    this.lastEpochMs = 0;
    this.lastIngestionEpochMs = 0;
  }
}

/**
 * Decides which events a query needs, and counts those that it scans without needing them, so that its
 * statistics are those of a query over all events.
 */
export class NeededEvents {
  readonly needs: EventNeeds;
  readonly #logGroups: ReadonlySet<string> | undefined;
  /** By the second in which the range can begin; a single one for an exact range. */
  readonly #tallies = new Map<number, EventTally>();
  #firstEpochMs = Number.POSITIVE_INFINITY;
  #lastEpochMs = 0;
  #lastVisibleEpochMs = 0;
  readonly #unread = new Map<string, UnreadTimes>();
  #unreadSince = 0;
  #lastSecond = -1;
  #lastTally: EventTally = { records: 0, bytes: 0 };

  /**
   * Whether it needs of each event no more than is known without reading it: its group, its times and the length of
   * its message.
   */
  readonly keepsUnread: boolean;
  /** Stores such an event. */
  onKept: (event: UnreadEvent, bytes: number) => void = () => {
    throw new RangeError('events are only kept while they are loaded');
  };

  constructor(needs: EventNeeds) {
    this.needs = needs;
    this.keepsUnread =
      needs.requiredStrings.length === 0 && needs.optionalColumns.every((one) => one === 'ing');
    this.#logGroups = needs.logGroups && new Set(needs.logGroups);
  }

  /** Whether the query needs the event; one that it scans without needing it is counted. */
  keeps(event: LogEvent): boolean {
    if (!this.scans(event)) return false;
    const { requiredStrings } = this.needs;
    if (requiredStrings.length === 0) return true;
    // As the engine stores it: a string of the query has no lone surrogate either.
    const message = event.message.toWellFormed();
    for (const strings of requiredStrings) {
      if (strings.some((one) => message.includes(one))) continue;
      const bytes = Buffer.byteLength(message);
      this.#passOver(alone(event.timestamp, event.ingestionTime, bytes));
      return false;
    }
    return true;
  }

  /** Whether the query reads the event at all: its group and its time. */
  scans({ logGroup, timestamp }: Pick<LogEvent, 'logGroup' | 'timestamp'>): boolean {
    const { firstEpochMs, lastEpochMs } = this.needs.range;
    if (timestamp < firstEpochMs || timestamp > lastEpochMs) return false;
    return this.#logGroups === undefined || this.#logGroups.has(logGroup);
  }

  /** For events of a group of which no more is read than a reader of bytes needs to see. */
  unreadOf(logGroup: string): UnreadGroup {
    const times = this.#timesOf(logGroup);
    const { firstEpochMs, lastEpochMs } = this.needs.range;
    const isAsked = this.#logGroups === undefined || this.#logGroups.has(logGroup);
    const scans = (timestamp: number) =>
      isAsked && timestamp >= firstEpochMs && timestamp <= lastEpochMs;
    const { keepsUnread } = this;
    const passTogether = (passed: EventTotals) => {
      this.#unreadSince += passed.count;
      times.add(passed);
      if (isAsked) this.#passOver(passed);
    };
    return {
      mayBeNeeded: !keepsUnread && isAsked,
      pass: (timestamp, ingestionTime, bytes) => {
        const passed = alone(timestamp, ingestionTime, bytes);
        this.#unreadSince += 1;
        times.add(passed);
        if (!scans(timestamp)) return;
        if (!keepsUnread) this.#passOver(passed);
        else {
          const place = { logGroup, timestamp };
          this.onKept(ingestionTime === undefined ? place : { ...place, ingestionTime }, bytes);
        }
      },
      ...(!keepsUnread && this.needs.range.isExact && { passTogether }),
    };
  }

  #timesOf(logGroup: string): UnreadTimes {
    const times = this.#unread.get(logGroup) ?? new UnreadTimes();
    this.#unread.set(logGroup, times);
    return times;
  }

  /** Notes the group and the times of an event that was read and not kept, for {@link takeNotKept}. */
  noteTimes({ logGroup, timestamp, ingestionTime }: LogEvent): void {
    this.#timesOf(logGroup).add(alone(timestamp, ingestionTime, 0));
  }

  /** Takes what is known of the events that were not kept since the last call. */
  takeNotKept(): NotKept {
    const notKept: NotKept = {
      tallies: [...this.#tallies],
      firstEpochMs: this.#firstEpochMs,
      lastEpochMs: this.#lastEpochMs,
      lastVisibleEpochMs: this.#lastVisibleEpochMs,
      times: this.unread.map(([logGroup, { firstEpochMs, lastEpochMs, lastIngestionEpochMs }]) => [
        logGroup,
        { firstEpochMs, lastEpochMs, lastIngestionEpochMs },
      ]),
    };
    this.#tallies.clear();
    this.#lastSecond = -1;
    this.#firstEpochMs = Number.POSITIVE_INFINITY;
    this.#lastEpochMs = 0;
    this.#lastVisibleEpochMs = 0;
    for (const times of this.#unread.values()) times.forget();
    return notKept;
  }

  /** Adds what another reader knows of the events that it did not keep. */
  addNotKept({ tallies, times, ...scanned }: NotKept): void {
    for (const [second, { records, bytes }] of tallies) {
      const tally = this.#tallyOf(second);
      tally.records += records;
      tally.bytes += bytes;
    }
    this.#firstEpochMs = Math.min(this.#firstEpochMs, scanned.firstEpochMs);
    this.#lastEpochMs = Math.max(this.#lastEpochMs, scanned.lastEpochMs);
    this.#lastVisibleEpochMs = Math.max(this.#lastVisibleEpochMs, scanned.lastVisibleEpochMs);
    for (const [logGroup, ofGroup] of times) this.#timesOf(logGroup).add(ofGroup);
  }

  /** The times of the unread events of each group that has some. */
  get unread(): readonly (readonly [logGroup: string, times: Readonly<UnreadTimes>])[] {
    return [...this.#unread].filter(([, times]) => times.lastEpochMs > 0);
  }

  /** Counts events that another reader did not keep. */
  addUnread(count: number): void {
    this.#unreadSince += count;
  }

  /** The number of unread events since the last call. */
  takeUnread(): number {
    const count = this.#unreadSince;
    this.#unreadSince = 0;
    return count;
  }

  /** Counts events that the query scans and that change none of its rows; one alone, unless the range is exact. */
  #passOver(passed: EventTotals): void {
    const { firstEpochMs, lastEpochMs, lastVisibleEpochMs } = passed;
    const tally = this.#tallyOf(this.needs.range.isExact ? 0 : Math.floor(firstEpochMs / 1000));
    tally.records += passed.count;
    tally.bytes += passed.textBytes;
    this.#firstEpochMs = Math.min(this.#firstEpochMs, firstEpochMs);
    this.#lastEpochMs = Math.max(this.#lastEpochMs, lastEpochMs);
    this.#lastVisibleEpochMs = Math.max(this.#lastVisibleEpochMs, lastVisibleEpochMs);
  }

  #tallyOf(second: number): EventTally {
    if (second === this.#lastSecond) return this.#lastTally;
    const tally = this.#tallies.get(second) ?? { records: 0, bytes: 0 };
    this.#tallies.set(second, tally);
    this.#lastSecond = second;
    this.#lastTally = tally;
    return tally;
  }

  /**
   * The events that were passed over in a query's range, both ends inclusive.
   *
   * @throws RangeError when the range is not the one that was foreseen
   */
  passedOver({ startEpochMs, endEpochMs, nowEpochMs }: QueryTimes): EventTally {
    const { firstEpochMs, lastEpochMs, isExact } = this.needs.range;
    const isForeseen =
      startEpochMs >= firstEpochMs &&
      (isExact ? startEpochMs <= this.#firstEpochMs : startEpochMs % 1000 === 0) &&
      endEpochMs <= lastEpochMs &&
      endEpochMs >= this.#lastEpochMs;
    if (!isForeseen || nowEpochMs < this.#lastVisibleEpochMs) {
      throw new RangeError(
        `the events were read for ${firstEpochMs} to ${lastEpochMs}, the query reads ${startEpochMs} to ${endEpochMs} as of ${nowEpochMs}`,
      );
    }
    const total: EventTally = { records: 0, bytes: 0 };
    for (const [second, { records, bytes }] of this.#tallies) {
      if (!isExact && second * 1000 < startEpochMs) continue;
      total.records += records;
      total.bytes += bytes;
    }
    return total;
  }
}
