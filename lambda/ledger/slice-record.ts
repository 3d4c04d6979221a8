import * as z from 'zod/mini';
import { type Lane, lanes } from '../lane.ts';
import type { LedgerKey } from './ledger-schema.ts';
import { epochMsSchema, expiryAfter, timeKey } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';
import { isStorable, readItems } from './quarantine.ts';

const count = z.int().check(z.minimum(0));
const epochMs = epochMsSchema;

/** What became of one slice of one log group in one lane, and the tick in whose metrics it counts. */
export const sliceRecordSchema = z.object({
  lane: z.enum(lanes),
  logGroup: z.string(),
  startEpochMs: epochMs,
  endEpochMs: epochMs,
  /** `gap`: it could not be read, and never will be; that was published. */
  outcome: z.enum(['scanned', 'gap']),
  /** Why a gap cannot be read. */
  reason: z.optional(z.enum(['created-later', 'retention', 'out-of-reach'])),
  /** Never changed once it is written: a slice counts once, in this tick. */
  tickEpochMs: epochMs,
  /** Whether a zero in it means that there was nothing. */
  covered: z.boolean(),
  /** Matching events that the pack found. */
  rows: count,
  /** Its part of the bytes that its queries scanned. */
  bytes: count,
  /** What the documented query counted, in its own lane; up to version 2 of the ledger in the scan. */
  matches: z.optional(count),
  /** Findings at or above `alertAt` that count here, approved ones apart. */
  privilegeChanges: count,
  suppressedChanges: count,
  /** How many of both kinds a sweep found. */
  lateChanges: count,
});

export type SliceRecord = Readonly<z.infer<typeof sliceRecordSchema>>;

/** Long enough to look into what happened; the metrics have the numbers for longer. */
const keepDays = 30;

const itemSchema = z.object({ data: sliceRecordSchema });

/** The slice as findings name it that count in it: its end may still change, its start cannot. */
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
