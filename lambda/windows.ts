import type { RuntimeConfig } from './runtime-config.ts';

/** A half-open span of event time, `[startEpochMs, endEpochMs)`, on whole seconds. */
export interface Window {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/**
 * What one tick reads: `[tick - settle - period, tick - settle)`.
 *
 * It depends on the tick alone, so a repeated tick reads the same span, and consecutive ticks tile
 * the timeline.
 */
export function windowOfTick(
  tickEpochMs: number,
  config: Pick<RuntimeConfig, 'everyMinutes' | 'settleMinutes'>,
): Window {
  const endEpochMs = tickEpochMs - config.settleMinutes * 60_000;
  return { startEpochMs: endEpochMs - config.everyMinutes * 60_000, endEpochMs };
}

/**
 * A window as StartQuery takes it: whole seconds with both ends inclusive, the last one to its
 * last millisecond. `[s, e)` is therefore sent as `(s, e - 1)`; `(s, e)` would count one second
 * twice.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export function queryTimes(window: Window): { startTime: number; endTime: number } {
  return { startTime: window.startEpochMs / 1000, endTime: window.endEpochMs / 1000 - 1 };
}
