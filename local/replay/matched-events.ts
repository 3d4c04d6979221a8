import { eventKey, observeEvent } from '../../lambda/lines/event-identity.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { DetectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { UnreadableRows } from '../../lambda/scan/slice-rows.ts';
import type { JudgedEvent } from '../log-threads/judge-events.ts';
import type { LogOrder } from '../log-threads/judge-threads.ts';

interface MatchedOptions {
  /** The plan's. */
  readonly detections: DetectionsById;
  /** Which Airflow wrote the lines. @default unknown */
  readonly airflowVersion?: string | undefined;
}

/** An event that could not be decided or read. */
interface UnreadEvent {
  readonly logGroup: string;
  readonly timestamp: number;
  readonly problem: string;
}

interface Observed {
  readonly order: LogOrder;
  readonly seen: ObservedEvent;
  occurrences: number;
}

const silentMax = 10_000;

/**
 * The events that a detection matched, each read as the monitor reads it and redacted. Identical events are
 * one event with a number of occurrences. Events that say nothing about privileges are dropped.
 */
export class MatchedEvents {
  readonly #options: MatchedOptions;
  readonly #observed = new Map<string, Observed>();
  readonly #unread: UnreadEvent[] = [];
  /** The last events without a signal: the same line is often there many times. */
  readonly #silent = new Set<string>();

  constructor(options: MatchedOptions) {
    this.#options = options;
  }

  /** @param order where the event is in the logs, so that events of one time keep their order */
  add({ event, verdict }: JudgedEvent, order: LogOrder): void {
    const { logGroup, timestamp } = event;
    const fail = (problem: string) => this.#unread.push({ logGroup, timestamp, problem });
    // A query's row without a message cannot be told from one that lacks it.
    if (event.message === '') return void fail('has no @message');
    if (verdict.undecided.length > 0) {
      fail(`cannot be decided for ${verdict.undecided.join(', ')}`);
    }
    if (verdict.detections.length === 0) return;
    const key = eventKey(event);
    if (this.#silent.has(key)) return;
    const known = this.#observed.get(key);
    if (known !== undefined) {
      known.occurrences += 1;
      if (compareOrder(order, known.order) < 0) this.#observed.set(key, { ...known, order });
      return;
    }
    try {
      // A substring keeps the whole string in memory: a copy frees the raw message.
      const seen = structuredClone(
        observeEvent({ ...event, key, detections: verdict.detections }, this.#options),
      );
      if (seen.signals.length > 0) this.#observed.set(key, { order, seen, occurrences: 1 });
      else this.#keepSilent(key);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'Error';
      fail(`cannot be read by its detections (${name})`);
    }
  }

  #keepSilent(key: string): void {
    if (this.#silent.size >= silentMax) this.#silent.clear();
    this.#silent.add(key);
  }

  /** The events of a range, by time, and those of one time in the order of the logs. */
  within({ startEpochMs, endEpochMs }: Window): ObservedEvent[] {
    return [...this.#observed.values()]
      .filter(({ seen: { timestamp } }) => timestamp >= startEpochMs && timestamp < endEpochMs)
      .sort((a, b) => a.seen.timestamp - b.seen.timestamp || compareOrder(a.order, b.order))
      .map(({ seen, occurrences }) => (occurrences === 1 ? seen : { ...seen, occurrences }));
  }

  /** The events of a range that could not be read, by log group. */
  unreadableWithin({ startEpochMs, endEpochMs }: Window): UnreadableRows[] {
    const inRange = this.#unread.filter(
      ({ timestamp }) => timestamp >= startEpochMs && timestamp < endEpochMs,
    );
    return [...Map.groupBy(inRange, ({ logGroup }) => logGroup)].map(([logGroup, all]) => {
      return { logGroup, count: all.length, problem: all[0]?.problem ?? '', fields: [] };
    });
  }
}

function compareOrder(a: LogOrder, b: LogOrder): number {
  return a.file - b.file || a.at - b.at;
}
