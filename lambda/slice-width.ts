const minuteMs = 60_000;

/**
 * How much of a log group to ask for next in a tick: what was cut off is likely to be cut off again just
 * behind it.
 *
 * @param readMs what was read just now
 */
export function nextWidthMs(readMs: number, widthMaxMs: number): number {
  return Math.min(widthMaxMs, 2 * readMs);
}

/**
 * How much to ask for first in the next tick. Where the time of an invocation did not suffice for the
 * first slice, the next one asks for half of it: after a long outage over a busy environment nothing
 * would ever come to an end otherwise.
 *
 * @returns whole minutes; undefined for as much as is allowed
 */
export function sliceMinutesAfter(
  widthMs: number,
  didNotSuffice: boolean,
  widthMaxMs: number,
): number | undefined {
  const nextMs = didNotSuffice ? widthMs / 2 : widthMs * 2;
  return nextMs >= widthMaxMs ? undefined : Math.max(1, Math.floor(nextMs / minuteMs));
}

/** @param sliceMinutes what the last tick came to */
export function firstWidthMs(sliceMinutes: number | undefined, maxSliceMinutes: number): number {
  return Math.min(sliceMinutes ?? maxSliceMinutes, maxSliceMinutes) * minuteMs;
}
