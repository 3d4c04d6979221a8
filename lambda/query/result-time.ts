const dateTime =
  /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const decimal = /^\d{1,19}(?:\.\d{1,18})?(?:e\+?\d{1,2})?$/i;

/** The unit of an epoch number follows from its size; in between they are milliseconds. */
const secondsBelow = 1e11;
const microsecondsFrom = 1e14;
const nanosecondsFrom = 1e17;

/**
 * The time in a cell of a result row, in whole epoch milliseconds.
 *
 * AWS writes `2026-03-01 09:00:00.123`, in UTC. Also accepted: no fraction or one of up to nine
 * digits, ISO 8601 with `T` and with `Z` or an offset, and epoch seconds, milliseconds,
 * microseconds or nanoseconds, distinguished by their size.
 *
 * @returns undefined for a text that is not a time
 */
export function readResultTime(text: string): number | undefined {
  const trimmed = text.trim();
  const written = dateTime.exec(trimmed);
  if (written !== null) {
    const [, date, time, fraction = '', zone = 'Z'] = written;
    const offset = /^(?:Z|UTC)$/i.test(zone) ? 'Z' : zone;
    const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
    return wholeTime(Date.parse(`${date}T${time}.${milliseconds}${offset}`));
  }
  return decimal.test(trimmed) ? wholeTime(epochMilliseconds(Number(trimmed))) : undefined;
}

function epochMilliseconds(number: number): number {
  if (number < secondsBelow) return number * 1000;
  if (number < microsecondsFrom) return number;
  return number < nanosecondsFrom ? number / 1000 : number / 1_000_000;
}

function wholeTime(epochMs: number): number | undefined {
  const whole = Math.floor(epochMs);
  return Number.isSafeInteger(whole) && !Number.isNaN(new Date(whole).getTime())
    ? whole
    : undefined;
}
