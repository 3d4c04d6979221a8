import { UserError } from './user-error.ts';

/** The options that select a time range, in epoch milliseconds. */
export interface TimeOptions {
  /** @default - the first event */
  readonly from?: number;
  /** The second that contains it is included. @default - the last event */
  readonly to?: number;
}

/** The whole seconds that a query reads, both inclusive, as in StartQuery. */
export interface TimeRange {
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
}

/** @throws UserError when `to` is before `from` */
export function checkOrder({ from, to }: TimeOptions): void {
  if (from === undefined || to === undefined || from <= to) return;
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  throw new UserError(`--to ${iso(to)} is before --from ${iso(from)}`);
}

/** The range to read; without an option, it extends to the first or the last event. */
export function timeRange(
  { from, to }: TimeOptions,
  logs: { readonly firstEventEpochMs: number; readonly lastEventEpochMs: number },
): TimeRange {
  const start = from ?? Math.min(logs.firstEventEpochMs, to ?? Number.POSITIVE_INFINITY);
  const end = to ?? Math.max(logs.lastEventEpochMs, start);
  return { startEpochSeconds: Math.floor(start / 1000), endEpochSeconds: Math.floor(end / 1000) };
}
