import { correlateStream } from './correlate.ts';
import {
  type Change,
  type CorrelationSettings,
  emptyStreamState,
  type StreamState,
} from './correlation-state.ts';
import type { ObservedEvent } from './signal.ts';

/** What one log stream has to remember. */
export interface Stream {
  readonly logGroup: string;
  readonly logStream: string;
  readonly state: StreamState;
}

/** A change, and the log group that its lines stand in. */
export interface GroupChange {
  readonly logGroup: string;
  readonly change: Change;
}

/**
 * Correlates a slice of several log groups, stream by stream.
 *
 * @param streams what the groups' streams remember; those without an event move on as well, since
 *   what they wait for may have come to its end
 * @param events of the slice, each once
 * @param horizons by log group, the slice's end in epoch milliseconds
 * @returns every stream's state afterwards, and the changes that are new or have more to show
 */
export function correlateSlice(
  streams: readonly Stream[],
  events: readonly ObservedEvent[],
  horizons: ReadonlyMap<string, number>,
  settings: CorrelationSettings,
): { readonly streams: readonly Stream[]; readonly changes: readonly GroupChange[] } {
  const keyOf = (stream: { logGroup: string; logStream: string }) =>
    JSON.stringify([stream.logGroup, stream.logStream]);
  const eventsByStream = Map.groupBy(events, keyOf);
  const all = new Map(streams.map((stream) => [keyOf(stream), stream]));
  for (const [key, [first]] of eventsByStream) {
    if (first === undefined || all.has(key)) continue;
    const { logGroup, logStream } = first;
    all.set(key, { logGroup, logStream, state: emptyStreamState() });
  }
  const changes: GroupChange[] = [];
  const after = [...all].map(([key, stream]): Stream => {
    const horizon = horizons.get(stream.logGroup);
    if (horizon === undefined) {
      throw new RangeError(`log group "${stream.logGroup}" is not among those that were read`);
    }
    const { state, changed } = correlateStream(
      stream.state,
      eventsByStream.get(key) ?? [],
      horizon,
      settings,
    );
    changes.push(...changed.map((change) => ({ logGroup: stream.logGroup, change })));
    return { ...stream, state };
  });
  return { streams: after, changes };
}

/** Whether there is nothing to remember. */
export function isEmptyStreamState(state: StreamState): boolean {
  return Object.values(state).every((list: readonly unknown[]) => list.length === 0);
}
