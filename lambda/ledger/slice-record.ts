import * as z from 'zod/mini';
import { type Lane, lanes } from '../model/lane.ts';
import type { LedgerKey } from './ledger-schema.ts';
import { epochMsSchema, expiryAfter, timeKey } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';
import { isStorable, readItems } from './quarantine.ts';

const count = z.int().check(z.minimum(0));
const epochMs = epochMsSchema;

/**
 * The result of one slice of one log group in one lane, and the tick in whose metrics it counts.
 */
export const sliceRecordSchema = z.object({
  lane: z.enum(lanes),
  logGroup: z.string(),
  startEpochMs: epochMs,
  endEpochMs: epochMs,
  /** `gap`: it could not be read and never will be, which was published. */
  outcome: z.enum(['scanned', 'gap']),
  /** Why a gap cannot be read. */
  reason: z.optional(z.enum(['created-later', 'retention', 'out-of-reach'])),
  /** Never changes once it is written: a slice counts once, in this tick. */
  tickEpochMs: epochMs,
  /** Whether a zero count means that there was nothing. */
  covered: z.boolean(),
  /** Matching events that the pack found. */
  rows: count,
  /** Its share of the bytes that its queries scanned. */
  bytes: count,
  /**
   * The documented query's count, in its own lane; up to version 2 of the ledger in the scan's
   * records.
   */
  matches: z.optional(count),
  /** Findings at or above `alertAt` that count in this slice, without approved ones. */
  privilegeChanges: count,
  suppressedChanges: count,
  /** How many of both kinds were found by a sweep. */
  lateChanges: count,
});

export type SliceRecord = Readonly<z.infer<typeof sliceRecordSchema>>;

/** Long enough to investigate; the metrics hold the numbers for longer. */
const keepDays = 30;

const itemSchema = z.object({ data: sliceRecordSchema });

/**
 * The key by which findings refer to the slice that they count in. Its end may still change, not
 * its start.
 */
export function sliceKey({
  lane,
  logGroup,
  startEpochMs,
}: Pick<SliceRecord, 'lane' | 'logGroup' | 'startEpochMs'>): string {
  return `${lane}#${logGroup}#${timeKey(startEpochMs)}`;
}

export async function saveSliceRecord(table: LedgerTable, record: SliceRecord): Promise<void> {
  const isGood = await isStorable(table, sliceRecordSchema, keyOf(record), record);
  if (isGood) await table.put(itemOf(record));
}

/**
 * The slices that count in a tick.
 *
 * @param lane @default all
 */
export async function slicesCountedIn(
  table: LedgerTable,
  tickEpochMs: number,
  lane?: Lane,
): Promise<SliceRecord[]> {
  const beginsWith = lane === undefined ? 'slice#' : `slice#${lane}#`;
  const items = await table.query(tickPartition(tickEpochMs), { beginsWith });
  const read = await readItems(table, itemSchema, items, { keyOf: ({ data }) => keyOf(data) });
  return read.map(({ data }) => data);
}

function itemOf(record: SliceRecord): LedgerItem {
  return {
    ...keyOf(record),
    data: JSON.stringify(record),
    expiresAt: expiryAfter(record.tickEpochMs, keepDays),
  };
}

function keyOf(record: SliceRecord): LedgerKey {
  return { pk: tickPartition(record.tickEpochMs), sk: `slice#${sliceKey(record)}` };
}

function tickPartition(tickEpochMs: number): string {
  return `tick#${new Date(tickEpochMs).toISOString()}`;
}
