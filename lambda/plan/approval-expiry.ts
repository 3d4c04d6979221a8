import { dayMs } from '../common/time.ts';

const calendarDate = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** The first moment that is no longer approved; undefined for a text that is not a time. */
export function expiryEpochMs(expires: string): number | undefined {
  const isDate = calendarDate.test(expires);
  if (!isDate && !dateTime.test(expires)) return undefined;
  const epochMs = Date.parse(expires);
  const day = Date.parse(expires.slice(0, 10));
  // JavaScript reads 2026-02-30 as the second of March.
  const isInCalendar =
    Number.isFinite(day) && new Date(day).toISOString().slice(0, 10) === expires.slice(0, 10);
  if (!Number.isFinite(epochMs) || !isInCalendar) return undefined;
  return isDate ? epochMs + dayMs : epochMs;
}
