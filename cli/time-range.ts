import { UserError } from './user-error.ts';

/** The whole seconds that a query reads, both inclusive, as StartQuery takes them. */
export interface TimeRange {
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
}

/**
 * The range that a query reads.
 *
 * @param from epoch milliseconds @default - the beginning of time
 * @param to epoch milliseconds, its second included @default - the end of time
 * @throws UserError when it ends before it starts
 */
export function timeRange(from = 0, to = maxEpochMs): TimeRange {
  if (to < from) {
    throw new UserError(
      `--to ${new Date(to).toISOString()} is before --from ${new Date(from).toISOString()}`,
    );
  }
  return {
    startEpochSeconds: Math.floor(from / 1000),
    endEpochSeconds: Math.floor(to / 1000),
  };
}

/** The end of the year 9999. */
const maxEpochMs = 253_402_300_799_999;
