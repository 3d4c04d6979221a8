import { startOfDay } from '../common/time.ts';

/** The bytes that queries scanned in one UTC day. */
export interface DayBytes {
  /** The start of the day. */
  readonly dayEpochMs: number;
  readonly bytes: number;
}

/**
 * Adds the bytes of a tick. The day never goes back: a tick of the day before that is retried after midnight
 * scans, and is billed, on the new day.
 *
 * @param before undefined when nothing was scanned so far
 */
export function addedToDay(
  before: DayBytes | undefined,
  tickEpochMs: number,
  bytes: number,
): DayBytes {
  const dayEpochMs = Math.max(startOfDay(tickEpochMs), before?.dayEpochMs ?? 0);
  return { dayEpochMs, bytes: bytes + (before?.dayEpochMs === dayEpochMs ? before.bytes : 0) };
}

/**
 * The bytes of a tick's day, from the parts that the ledger keeps; a part of an earlier day adds nothing.
 *
 * @returns undefined without a part, and for a day that is over: its parts already count a later one
 */
export function totalOfDay(parts: readonly DayBytes[], tickEpochMs: number): number | undefined {
  const today = startOfDay(tickEpochMs);
  if (parts.length === 0 || parts.some(({ dayEpochMs }) => dayEpochMs > today)) return undefined;
  return parts
    .filter(({ dayEpochMs }) => dayEpochMs === today)
    .reduce((total, { bytes }) => total + bytes, 0);
}
