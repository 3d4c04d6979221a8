import { InvalidArgumentError } from 'commander';

const isoTime =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Parses a time such as `2026-11-22` or `2026-11-22T05:47`, optionally with seconds, fraction or
 * zone; UTC without a zone. Whole numbers are epoch seconds, or milliseconds from 13 digits on.
 *
 * @returns epoch milliseconds
 * @throws InvalidArgumentError for anything else, including dates that do not exist
 */
export function parseTime(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
  if (/^\d{13,15}$/.test(text)) return Number(text);
  const match = isoTime.exec(text);
  const day = text.slice(0, 10);
  const epochMs = match ? Date.parse(inUtc(text, match.groups?.zone)) : Number.NaN;
  if (Number.isNaN(epochMs) || !dayExists(day)) {
    throw new InvalidArgumentError('It must be a time such as 2026-11-22T05:47:00Z.');
  }
  return epochMs;
}

function inUtc(text: string, zone: string | undefined): string {
  const iso = text.replace(' ', 'T');
  return zone || !iso.includes('T') ? iso : `${iso}Z`;
}

/** `Date.parse` accepts 30 February as 2 March. */
function dayExists(day: string): boolean {
  const epochMs = Date.parse(day);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}
