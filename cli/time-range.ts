import { UserError } from './user-error.ts';

/** What the options say, in epoch milliseconds. */
export interface TimeOptions {
  /** @default - the first event */
  readonly from?: number;
  /** Its second included. @default - the last event */
  readonly to?: number;
}

/** The whole seconds that a query reads, both inclusive, as StartQuery takes them. */
export interface TimeRange {
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
}

/** @throws UserError when the range would end before it starts */
export function checkOrder({ from, to }: TimeOptions): void {
  if (from === undefined || to === undefined || from <= to) return;
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  throw new UserError(`--to ${iso(to)} is before --from ${iso(from)}`);
}

/** The range to read: what the options leave open reaches to the first and the last event. */
export function timeRange(
  { from, to }: TimeOptions,
  logs: { readonly firstEventEpochMs: number; readonly lastEventEpochMs: number },
): TimeRange {
  const start = from ?? Math.min(logs.firstEventEpochMs, to ?? Number.POSITIVE_INFINITY);
  const end = to ?? Math.max(logs.lastEventEpochMs, start);
  return { startEpochSeconds: Math.floor(start / 1000), endEpochSeconds: Math.floor(end / 1000) };
}
