import type { Window } from '../../lambda/windows.ts';
import { checkOrder } from '../time-range.ts';
import { UserError } from '../user-error.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const secondMs = 1_000;

export const lastDefaultMs = 30 * dayMs;

/** What the options say. */
export interface RangeOptions {
  /** So many milliseconds before now. */
  readonly last?: number;
  /** Epoch milliseconds. */
  readonly from?: number;
  /** Epoch milliseconds; its second is included. @default - now */
  readonly to?: number;
}

/**
 * The time to read, on whole seconds, never beyond now.
 *
 * @returns undefined when the options say nothing
 * @throws UserError for options that contradict each other, or a range without a second in it
 */
export function auditRange(options: RangeOptions, nowEpochMs: number): Window | undefined {
  const { last, from, to } = options;
  if (last !== undefined && (from ?? to) !== undefined) {
    throw new UserError('--last goes with neither --from nor --to');
  }
  if (last !== undefined) {
    const endEpochMs = floorTo(nowEpochMs, minuteMs);
    return { startEpochMs: floorTo(endEpochMs - last, secondMs), endEpochMs };
  }
  if (from === undefined) {
    if (to !== undefined) throw new UserError('--to needs --from');
    return undefined;
  }
  checkOrder(options);
  const now = floorTo(nowEpochMs, secondMs);
  const endEpochMs = to === undefined ? now : Math.min(now, floorTo(to, secondMs) + secondMs);
  const startEpochMs = floorTo(from, secondMs);
  if (startEpochMs >= endEpochMs) {
    throw new UserError(`--from ${new Date(from).toISOString()} is not before now`);
  }
  return { startEpochMs, endEpochMs };
}

function floorTo(epochMs: number, unitMs: number): number {
  return Math.floor(epochMs / unitMs) * unitMs;
}
