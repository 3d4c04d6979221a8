import { correlateStream } from './correlate.ts';
import {
  type Change,
  type CorrelationSettings,
  emptyStreamState,
  requestHoldMs,
  writeHoldMs,
} from './correlation-state.ts';
import type { ObservedEvent } from './signal.ts';

/** What the lines of one log stream come to. */
export interface DerivedStream {
  /** In the order of their anchors. */
  readonly changes: readonly Change[];
  /** The span in which lines may still join; absent when nothing waits at the horizon any more. */
  readonly open?: { readonly fromEpochMs: number; readonly untilEpochMs: number };
}

/**
 * How long a line is remembered: two lines with a longer silence between them have nothing to do with
 * each other, whatever they say.
 */
export function memoryMs({ correlateSeconds }: Pick<CorrelationSettings, 'correlateSeconds'>) {
  return Math.max(correlateSeconds * 1000, writeHoldMs + requestHoldMs);
}

/** Beyond so many lines that hang together, the older ones of them are let go: a flood. */
const linesMax = 5_000;

/**
 * The changes that the lines of one stream tell of: a function of the lines alone, not of the slices
 * or the order in which they were read.
 *
 * @param events from the beginning of a silence of {@link memoryMs} on, in any order, each once
 * @param horizonEpochMs nothing earlier will come, but for what comes late
 */
export function deriveStream(
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): DerivedStream {
  const { changed } = correlateStream(emptyStreamState(), events, horizonEpochMs, settings);
  const open = openSpan(
    events.map(({ timestamp }) => timestamp).sort((a, b) => a - b),
    horizonEpochMs,
    memoryMs(settings),
  );
  return { changes: changed, ...(open && { open }) };
}

function openSpan(times: readonly number[], horizonEpochMs: number, rememberedMs: number) {
  const last = times.at(-1);
  if (last === undefined || last + rememberedMs < horizonEpochMs) return undefined;
  let first = times.length - 1;
  while (first > 0 && within(times[first - 1], times[first], rememberedMs)) first -= 1;
  // The start is where a derivation begins next time, so that it must not grow without end.
  if (times.length - first > linesMax) first = times.length - linesMax / 2;
  return { fromEpochMs: times[first] ?? last, untilEpochMs: last + rememberedMs };
}

function within(before: number | undefined, after: number | undefined, spanMs: number): boolean {
  return before !== undefined && after !== undefined && after - before <= spanMs;
}

/** Whether lines hang together at both ends of a span with what lies outside of it. */
export function reachOf(
  events: readonly ObservedEvent[],
  settings: Pick<CorrelationSettings, 'correlateSeconds'>,
): { readonly fromEpochMs: number; readonly toEpochMs: number } | undefined {
  if (events.length === 0) return undefined;
  const times = events.map(({ timestamp }) => timestamp);
  const rememberedMs = memoryMs(settings);
  return {
    fromEpochMs: Math.min(...times) - rememberedMs,
    toEpochMs: Math.max(...times) + rememberedMs,
  };
}
