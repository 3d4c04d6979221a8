import {
  correlateSlice,
  type GroupChange,
  isEmptyStreamState,
  type Stream,
} from '../../lambda/findings/correlate-slice.ts';
import type { CorrelationSettings } from '../../lambda/findings/correlation-state.ts';
import type { ObservedEvent } from '../../lambda/findings/signal.ts';

/** Correlates the slices of a session one after the other, and keeps what each change came to. */
export class ChangeFold {
  readonly #settings: CorrelationSettings;
  readonly #logGroups: readonly string[];
  #streams: readonly Stream[] = [];
  readonly #changes = new Map<string, GroupChange>();

  constructor(logGroups: readonly string[], settings: CorrelationSettings) {
    this.#logGroups = logGroups;
    this.#settings = settings;
  }

  /**
   * The next slice of all log groups.
   *
   * @param endEpochMs nothing earlier will come
   */
  add(events: readonly ObservedEvent[], endEpochMs: number): void {
    const { streams, changes } = correlateSlice(
      this.#streams,
      events,
      new Map(this.#logGroups.map((logGroup) => [logGroup, endEpochMs])),
      this.#settings,
    );
    this.#streams = streams.filter(({ state }) => !isEmptyStreamState(state));
    for (const found of changes) this.#changes.set(found.change.id, found);
  }

  /** Ends all waiting, and returns every change in its final state. */
  finish(): readonly GroupChange[] {
    this.add([], Number.POSITIVE_INFINITY);
    return [...this.#changes.values()];
  }
}
