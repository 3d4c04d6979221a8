import {
  type Change,
  type CorrelationSettings,
  requestHoldMs,
  writeHoldMs,
} from '../model/correlation-state.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { correlateStream } from './correlate.ts';

/** What the lines of one log stream result in. */
export interface DerivedStream {
  /** In the order of their anchors. */
  readonly changes: readonly Change[];
  /** The time span of the latest connected lines, which further lines may join. */
  readonly latest?: { readonly fromEpochMs: number; readonly untilEpochMs: number };
  /** Whether nothing is pending at the horizon. */
  readonly isResolved: boolean;
}

/**
 * How long a line matters: two lines with a longer silence between them are unrelated, whatever
 * they say.
 */
export function memoryMs({ correlateSeconds }: Pick<CorrelationSettings, 'correlateSeconds'>) {
  return Math.max(correlateSeconds * 1000, writeHoldMs + requestHoldMs);
}

/**
 * If a chain of lines lasts longer than this number of {@link memoryMs}, the next derivation starts
 * at half of it, so that a flood of hours is not loaded and derived again at each tick.
 */
const chainMemories = 10;

/**
 * The changes that the lines of one stream describe: a function of the lines only, not of the
 * slices or the order in which they were read.
 *
 * @param events all since a silence of {@link memoryMs}, in any order, each once
 * @param horizonEpochMs no earlier event will arrive, except late ones
 */
export function deriveStream(
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): DerivedStream {
  const changes = correlateStream(events, horizonEpochMs, settings);
  const latest = latestSpan(
    events.map(({ timestamp }) => timestamp).sort((a, b) => a - b),
    memoryMs(settings),
  );
  const isResolved = latest === undefined || latest.untilEpochMs < horizonEpochMs;
  return { changes, ...(latest && { latest }), isResolved };
}

function latestSpan(times: readonly number[], rememberedMs: number) {
  const last = times.at(-1);
  if (last === undefined) return undefined;
  let first = times.length - 1;
  while (first > 0 && within(times[first - 1], times[first], rememberedMs)) first -= 1;
  const start = times[first] ?? last;
  const isLong = last - start > chainMemories * rememberedMs;
  const fromEpochMs = isLong ? last - (chainMemories / 2) * rememberedMs : start;
  return { fromEpochMs, untilEpochMs: last + rememberedMs };
}

function within(before: number | undefined, after: number | undefined, spanMs: number): boolean {
  return before !== undefined && after !== undefined && after - before <= spanMs;
}
