import { InvalidArgumentError, Option } from 'commander';
import type { ForeseenRange } from '../../local/insights-engine/needed-events.ts';
import { UserError } from './output.ts';

/** The options that select a time range, in epoch milliseconds. */
interface TimeOptions {
  /** @default - the first event */
  readonly from?: number;
  /** The second that contains it is included. @default - the last event */
  readonly to?: number;
  /** Milliseconds before the end. @default - from the first event on */
  readonly last?: number;
}

/** The whole seconds that a query reads, both inclusive, as in StartQuery. */
export interface TimeRange {
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
}

/** @throws UserError when `to` is before `from`, or the start is given twice */
export function checkOrder({ from, to, last }: TimeOptions): void {
  if (from !== undefined && last !== undefined) {
    throw new UserError('--last cannot be given together with --from');
  }
  if (from === undefined || to === undefined || from <= to) return;
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  throw new UserError(`--to ${iso(to)} is before --from ${iso(from)}`);
}

/**
 * The range to read; without an option, it extends to the first or the last event. `last` counts from
 * `to` or the last event back, since logs are often read long after they were written.
 */
export function timeRange(
  { from, to, last }: TimeOptions,
  logs: { readonly firstEventEpochMs: number; readonly lastEventEpochMs: number },
): TimeRange {
  const first = Math.min(logs.firstEventEpochMs, to ?? Number.POSITIVE_INFINITY);
  const start = from ?? (last === undefined ? first : (to ?? logs.lastEventEpochMs) - last);
  const end = to ?? Math.max(logs.lastEventEpochMs, start);
  return { startEpochSeconds: Math.floor(start / 1000), endEpochSeconds: Math.floor(end / 1000) };
}

/** What {@link timeRange} will return, as far as it is known before the logs are read. */
export function foreseenRange({ from, to, last }: TimeOptions): ForeseenRange {
  const start = from ?? (last === undefined || to === undefined ? 0 : to - last);
  return {
    firstEpochMs: Math.floor(start / 1000) * 1000,
    lastEpochMs: to === undefined ? Number.POSITIVE_INFINITY : Math.floor(to / 1000) * 1000 + 999,
    isExact: last === undefined || to !== undefined,
  };
}

const isoTime =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * A sentence about a range that begins after the last event; undefined for any other one.
 *
 * A time such as `2h` is relative to the clock, and exported logs end when they were exported.
 */
export function afterTheLogs(
  { from }: TimeOptions,
  { lastEventEpochMs }: { readonly lastEventEpochMs: number },
): string | undefined {
  if (from === undefined || lastEventEpochMs === 0 || from <= lastEventEpochMs) return undefined;
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  return `the logs end at ${iso(lastEventEpochMs)}, before --from ${iso(from)}; --last counts back from their end`;
}

/** `--from`, `--to` and `--last`, for commands that read logs. */
export function timeRangeOptions(): Option[] {
  return [
    new Option(
      '--from <time>',
      'first second to read, such as 2026-11-22T05:47:00Z, or 2h for two hours ago',
    ).argParser(parseTime),
    new Option('--to <time>', 'last second to read, inclusive').argParser(parseTime),
    new Option(
      '--last <duration>',
      'how far back from --to or the last event, such as 7d',
    ).argParser(parseDuration),
  ];
}

/**
 * Parses a time such as `2026-11-22` or `2026-11-22T05:47`, optionally with seconds, fraction or
 * zone; UTC without a zone. Whole numbers are epoch seconds, or milliseconds from 13 digits on; a
 * duration such as `2h` is that long ago.
 *
 * @returns epoch milliseconds
 * @throws InvalidArgumentError for anything else, including dates that do not exist
 */
export function parseTime(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
  if (/^\d{13,15}$/.test(text)) return Number(text);
  const agoMs = durationMsOf(text);
  if (agoMs !== undefined) return Date.now() - agoMs;
  const match = isoTime.exec(text);
  const day = text.slice(0, 10);
  const epochMs = match ? Date.parse(inUtc(text, match.groups?.zone)) : Number.NaN;
  if (Number.isNaN(epochMs) || !dayExists(day)) {
    throw new InvalidArgumentError('It must be a time such as 2026-11-22T05:47:00Z or 2h.');
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

const unitMs = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** The milliseconds of a duration, or undefined for anything else, including zero. */
function durationMsOf(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const durationMs = Number(digits) * (unitMs.get(unit) ?? 0);
  return durationMs === 0 ? undefined : durationMs;
}

/**
 * Parses a duration such as `7s`, `5m`, `1h`, `2d` or `1w`.
 *
 * @returns milliseconds
 * @throws InvalidArgumentError for anything else, including zero
 */
export function parseDuration(text: string): number {
  const durationMs = durationMsOf(text);
  if (durationMs === undefined) {
    throw new InvalidArgumentError('It must be a duration such as 7s, 5m, 1h or 2d.');
  }
  return durationMs;
}
