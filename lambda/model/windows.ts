/** A half-open span of event time, `[startEpochMs, endEpochMs)`, on whole seconds. */
export interface Window {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/**
 * A window as StartQuery expects it: `[s, e)` is sent as `(s, e)`.
 *
 * The API reference says that the range is inclusive, in seconds. That leaves open whether the end
 * covers its whole second or its first millisecond alone. AWS in 2022: "EndTime is inclusive but
 * not at second level. Internally they convert to milliseconds straight. […] They already have a
 * ticket to address the whole second (999 milliseconds)." Nobody knows whether that still holds, so
 * the monitor is correct under both readings: `(s, e - 1)` would leave 999 ms unread under one of
 * them; `(s, e)` reads up to a second too much under either, which the caller removes.
 * https://github.com/aws/aws-sdk/issues/280
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export function queryTimes(window: Window): { startTime: number; endTime: number } {
  return { startTime: window.startEpochMs / 1000, endTime: window.endEpochMs / 1000 };
}

/**
 * The part after a window that its query reads too much, as a window without length, which is sent
 * as `(e, e)`. That reads the millisecond `e` or the second `e`, whichever `(s, e)` reads too much.
 */
export function beyondEnd({ endEpochMs }: Window): Window {
  return { startEpochMs: endEpochMs, endEpochMs };
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
 * @returns undefined for a single second, which StartQuery cannot query in parts
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

/**
 * Each log group is read four times, by lanes with their own positions. `documented` runs the
 * documented query, close to real time. The others run the pack: `scan`, close to real time too,
 * and two later sweeps that read the same again to catch late events.
 */
export const lanes = ['documented', 'scan', 'near', 'far'] as const;

export type Lane = (typeof lanes)[number];

/** The lanes that run the pack. */
export const packLanes = ['scan', 'near', 'far'] as const satisfies readonly Lane[];

export type PackLane = (typeof packLanes)[number];

/** Whether a lane reads again what the scan has read. */
export function isSweep(lane: Lane): boolean {
  return lane === 'near' || lane === 'far';
}
