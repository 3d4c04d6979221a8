import { minuteMs } from '../../lambda/common/time.ts';
import type { Window } from '../../lambda/model/windows.ts';

/** As long as the Lambda's slices. */
const defaultMs = 60 * minuteMs;
/** Each window costs a query, even when little happened in it. */
const windowsMax = 48;

/** An hour; longer when logs span days, so that sparse logs do not cost thousands of queries. */
export function defaultSliceMs({ startEpochMs, endEpochMs }: Window): number {
  const spread = Math.ceil((endEpochMs - startEpochMs) / windowsMax / 1000) * 1000;
  return Math.max(defaultMs, spread);
}

/**
 * Windows that tile a range; the last one may be shorter.
 *
 * @param sliceMs whole seconds
 * @throws RangeError when it is not whole seconds
 */
export function cutWindows({ startEpochMs, endEpochMs }: Window, sliceMs: number): Window[] {
  if (!Number.isInteger(sliceMs / 1000) || sliceMs <= 0) {
    throw new RangeError(`a slice must be whole seconds, got ${sliceMs} ms`);
  }
  const windows: Window[] = [];
  for (let start = startEpochMs; start < endEpochMs; start += sliceMs) {
    windows.push({ startEpochMs: start, endEpochMs: Math.min(start + sliceMs, endEpochMs) });
  }
  return windows;
}
