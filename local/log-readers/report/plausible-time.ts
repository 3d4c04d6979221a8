/** Airflow exists since 2015: an earlier time, or one in the next century, is misread or invented. */
const firstEpochMs = Date.UTC(2015, 0, 1);
const lastEpochMs = Date.UTC(2100, 0, 1) - 1;

const yearMs = 366 * 86_400_000;

/** Whether a log line can have this time, in epoch milliseconds. */
export function isPlausible(epochMs: number): boolean {
  return epochMs >= firstEpochMs && epochMs <= lastEpochMs;
}

export const plausibleRange = 'from 2015 to 2099';

/** The latest time, in epoch milliseconds, read without a doubt: clocks are off by less. */
export function latestWithoutDoubt(nowEpochMs: number): number {
  return nowEpochMs + yearMs;
}

/** A clause about a line whose time is later. */
export function tooLate(epochMs: number): string {
  return `its time ${new Date(epochMs).toISOString()} is more than a year ahead of this machine's clock`;
}
