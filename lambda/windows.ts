/** A half-open span of event time, `[startEpochMs, endEpochMs)`, on whole seconds. */
export interface Window {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
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

export function windowTimes({ startEpochMs, endEpochMs }: Window): {
  readonly start: string;
  readonly end: string;
} {
  return { start: new Date(startEpochMs).toISOString(), end: new Date(endEpochMs).toISOString() };
}

/**
 * A window in two halves on whole seconds.
 *
 * @returns undefined for a single second, which StartQuery cannot be asked in parts
 */
export function halves({
  startEpochMs,
  endEpochMs,
}: Window): readonly [Window, Window] | undefined {
  const seconds = Math.floor((endEpochMs - startEpochMs) / 1000);
  if (seconds <= 1) return undefined;
  const middleEpochMs = startEpochMs + Math.floor(seconds / 2) * 1000;
  return [
    { startEpochMs, endEpochMs: middleEpochMs },
    { startEpochMs: middleEpochMs, endEpochMs },
  ];
}
