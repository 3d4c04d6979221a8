import { hourMs, minuteMs, secondMs } from '../../lambda/common/time.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import { lengthMs, overlapMs } from './spans.ts';

/** Bytes that a log group received, by period. */
export interface MeteredBytes {
  readonly periodMs: number;
  /** By the start of the period, in epoch milliseconds. */
  readonly values: ReadonlyMap<number, number>;
}

/** Estimates the bytes of a log group in a window. */
export type Volume = (logGroup: string, window: Window) => number;

/** The stored bytes of a log group, and the time in which they were written. */
interface StoredGroup {
  readonly bytes: number;
  readonly window: Window;
}

/**
 * Estimates bytes by the metric if it has values, otherwise by the stored bytes, spread evenly over
 * the time in which they were written.
 */
export function volumeOf(
  incoming: ReadonlyMap<string, MeteredBytes>,
  stored: ReadonlyMap<string, StoredGroup>,
): Volume {
  return (logGroup, window) => {
    const metered = incoming.get(logGroup);
    if (metered !== undefined && metered.values.size > 0) return bytesMetered(metered, window);
    const group = stored.get(logGroup);
    if (group === undefined || lengthMs(group.window) <= 0) return 0;
    return (group.bytes * overlapMs(window, group.window)) / lengthMs(group.window);
  };
}

function bytesMetered({ periodMs, values }: MeteredBytes, window: Window): number {
  let bytes = 0;
  for (const [startEpochMs, ofPeriod] of values) {
    const period = { startEpochMs, endEpochMs: startEpochMs + periodMs };
    bytes += (ofPeriod * overlapMs(window, period)) / periodMs;
  }
  return bytes;
}

export function bytesOfSlice({ logGroups, window }: Slice, volume: Volume): number {
  return logGroups.reduce((sum, logGroup) => sum + volume(logGroup, window), 0);
}

/** `12.4 GB`, `870 kB` */
export function bytesText(bytes: number): string {
  for (const [unit, size] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toPrecision(3)} ${unit}`;
  }
  return `${Math.ceil(bytes)} bytes`;
}

/**
 * Estimates how long the rest of some work takes at its average speed so far.
 *
 * @param work done and total, in any unit, without the work of earlier runs
 * @returns undefined while too little is done for an estimate
 */
export function timeLeftMs(
  work: { readonly done: number; readonly total: number },
  elapsedMs: number,
): number | undefined {
  const { done, total } = work;
  if (done <= 0 || total <= 0 || elapsedMs < secondMs) return undefined;
  return (elapsedMs * Math.max(0, total - done)) / done;
}

/** `about 3 min left` */
export function timeLeftText(leftMs: number | undefined): string {
  if (leftMs === undefined) return '';
  if (leftMs < minuteMs) return `about ${Math.ceil(leftMs / secondMs)} s left`;
  if (leftMs < hourMs) return `about ${Math.ceil(leftMs / minuteMs)} min left`;
  return `about ${(leftMs / hourMs).toFixed(1)} h left`;
}
