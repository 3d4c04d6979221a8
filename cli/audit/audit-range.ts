import { dayMs, floorTo, minuteMs, secondMs } from '../../lambda/common/time.ts';
import type { Severity } from '../../lambda/model/severity.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { AbortableTimer } from '../common/interruption.ts';
import { UserError } from '../common/output.ts';
import { checkOrder } from '../common/time-options.ts';
import { lengthMs } from './spans.ts';

const lastDefaultMs = 30 * dayMs;

/** The options that select the time to audit. */
interface AuditRangeOptions {
  /** Milliseconds before now. */
  readonly last?: number;
  /** Epoch milliseconds. */
  readonly from?: number;
  /** Epoch milliseconds; the second that contains it is included. @default - now */
  readonly to?: number;
}

/**
 * The time to read: whole seconds, never beyond now; by default the last 30 days.
 *
 * When a run continues a state, `--last 30d` means the same 30 days, and an end that was open or in
 * the future is the same as before.
 *
 * @param kept the range of the state that the run continues
 * @throws UserError for options that contradict each other, and for an empty range
 */
export function auditRange(
  options: AuditRangeOptions,
  nowEpochMs: number,
  kept: Window | undefined,
): Window {
  const { last, from, to } = options;
  if (last !== undefined && (from ?? to) !== undefined) {
    throw new UserError('--last cannot be combined with --from or --to');
  }
  if (from !== undefined) return explicitRange({ from, to }, nowEpochMs, kept);
  if (to !== undefined) throw new UserError('--to requires --from');
  if (kept !== undefined && (last === undefined || lengthMs(kept) === last)) return kept;
  const endEpochMs = floorTo(nowEpochMs, minuteMs);
  const startEpochMs = endEpochMs - (last ?? lastDefaultMs);
  if (startEpochMs < 0) throw new UserError('--last reaches back to before 1970');
  return { startEpochMs, endEpochMs };
}

function explicitRange(
  { from, to }: { readonly from: number; readonly to: number | undefined },
  nowEpochMs: number,
  kept: Window | undefined,
): Window {
  checkOrder({ from, ...(to !== undefined && { to }) });
  const startEpochMs = floorTo(from, secondMs);
  const isOpen = to === undefined || to >= nowEpochMs;
  if (isOpen && kept?.startEpochMs === startEpochMs) return kept;
  const now = floorTo(nowEpochMs, secondMs);
  const endEpochMs = isOpen ? now : floorTo(to, secondMs) + secondMs;
  if (startEpochMs >= endEpochMs) {
    throw new UserError(`--from ${new Date(from).toISOString()} is not before now`);
  }
  return { startEpochMs, endEpochMs };
}

export interface AuditOptions extends AuditRangeOptions {
  readonly env: string;
  readonly region?: string;
  readonly profile?: string;
  /** Milliseconds of log time that one query covers. @default - see sliceWidthMs */
  readonly slice?: number;
  /** The number of concurrent queries. */
  readonly concurrency: number;
  /** Milliseconds for which AWS may refuse every call before the audit stops. */
  readonly patience: number;
  /** US dollars per gigabyte scanned. */
  readonly pricePerGb: number;
  /** @default - the value in the environment's file, or medium */
  readonly alertAt?: Severity;
  /** Path of the file that stores the state of a run. */
  readonly state?: string;
  /** Do not ask for confirmation before the scan, which costs money. */
  readonly yes: boolean;
  /** Print only findings, as NDJSON, on the standard output. */
  readonly json: boolean;
  /** For tests. @default - real time */
  readonly timer?: AbortableTimer;
}
