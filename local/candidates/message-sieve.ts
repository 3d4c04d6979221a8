import { atAnyTime, type GroupTreatment } from '../line-kernel/group-table.ts';
import type { LineKernel } from '../line-kernel/line-kernel.ts';
import type { EventTotals } from '../log-event.ts';
import type { EventSieve, GroupSieve } from '../log-readers/lines/event-sieve.ts';
import type { GroupSearch, GroupSearches } from './group-search.ts';

/** In groups that are not judged, no message matters. */
const passAll = atAnyTime('pass');

/** What is known of the events that were passed over. */
interface PassedEvents {
  /** Of all groups that have one. */
  readonly logGroups: readonly string[];
  /** Epoch milliseconds; infinite without an event. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  /** 0 if none has a time of ingestion. */
  readonly lastIngestionEpochMs: number;
}

/** Passes over the events that no detection can match, and remembers their groups and times. */
export class MessageSieve implements EventSieve {
  readonly kernel: LineKernel;
  readonly #searches: GroupSearches;
  readonly #onPassed: ((logGroup: string, epochMs: number) => void) | undefined;
  readonly #groups = new Map<string, PassingGroup>();

  /** @param onPassed called for each event, with its time. @default - nobody needs it */
  constructor(searches: GroupSearches, onPassed?: (logGroup: string, epochMs: number) => void) {
    this.#searches = searches;
    this.kernel = searches.kernel;
    this.#onPassed = onPassed;
  }

  ofGroup(logGroup: string): GroupSieve {
    const known = this.#groups.get(logGroup);
    if (known !== undefined) return known;
    const group = new PassingGroup(logGroup, this.#searches.inGroup(logGroup), this.#onPassed);
    this.#groups.set(logGroup, group);
    return group;
  }

  /** What is known of the events that were passed over since the last call. */
  takePassed(): PassedEvents {
    let firstEpochMs = Number.POSITIVE_INFINITY;
    let lastEpochMs = Number.NEGATIVE_INFINITY;
    let lastIngestionEpochMs = 0;
    const logGroups: string[] = [];
    for (const group of this.#groups.values()) {
      if (group.firstEpochMs === Number.POSITIVE_INFINITY) continue;
      logGroups.push(group.logGroup);
      firstEpochMs = Math.min(firstEpochMs, group.firstEpochMs);
      lastEpochMs = Math.max(lastEpochMs, group.lastEpochMs);
      lastIngestionEpochMs = Math.max(lastIngestionEpochMs, group.lastIngestionEpochMs);
      group.forget();
    }
    return { logGroups, firstEpochMs, lastEpochMs, lastIngestionEpochMs };
  }
}

class PassingGroup implements GroupSieve {
  readonly logGroup: string;
  readonly #search: GroupSearch | undefined;
  readonly #onPassed: ((logGroup: string, epochMs: number) => void) | undefined;
  readonly passTogether: GroupSieve['passTogether'];
  firstEpochMs = Number.POSITIVE_INFINITY;
  lastEpochMs = Number.NEGATIVE_INFINITY;
  lastIngestionEpochMs = 0;

  constructor(
    logGroup: string,
    search: GroupSearch | undefined,
    onPassed: ((logGroup: string, epochMs: number) => void) | undefined,
  ) {
    this.logGroup = logGroup;
    this.#search = search;
    this.#onPassed = onPassed;
    if (onPassed === undefined) this.passTogether = (passed) => this.#add(passed);
  }

  get treatment(): GroupTreatment {
    return this.#search?.treatment ?? passAll;
  }

  mayMatter(_: Buffer, from: number, to: number): boolean {
    return this.#search?.mayMatter(from, to) ?? false;
  }

  pass(timestamp: number, ingestionTime = 0): void {
    this.#add({
      ...{ firstEpochMs: timestamp, lastEpochMs: timestamp, lastIngestionEpochMs: ingestionTime },
    });
    this.#onPassed?.(this.logGroup, timestamp);
  }

  #add(passed: Pick<EventTotals, 'firstEpochMs' | 'lastEpochMs' | 'lastIngestionEpochMs'>) {
    this.firstEpochMs = Math.min(this.firstEpochMs, passed.firstEpochMs);
    this.lastEpochMs = Math.max(this.lastEpochMs, passed.lastEpochMs);
    this.lastIngestionEpochMs = Math.max(this.lastIngestionEpochMs, passed.lastIngestionEpochMs);
  }

  forget(): void {
    this.firstEpochMs = Number.POSITIVE_INFINITY;
    this.lastEpochMs = Number.NEGATIVE_INFINITY;
    this.lastIngestionEpochMs = 0;
  }
}
