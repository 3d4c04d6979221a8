import * as z from 'zod/mini';
import { type Lane, lanes } from '../model/windows.ts';
import { addedToDay, type DayBytes } from './day-bytes.ts';
import {
  checkedForWriting,
  epochMsSchema,
  expiryAfter,
  type LedgerKey,
  timeKey,
} from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';
import { isStorable, noteQuarantined, readItem, readItems } from './quarantine.ts';
import { sliceCountSchemas } from './slice-counts.ts';

const epochMs = epochMsSchema;

/**
 * The result of one slice of one log group in one lane, and the tick in whose metrics it counts.
 */
const sliceRecordSchema = z.object({
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
  ...sliceCountSchemas,
});

export type SliceRecord = Readonly<z.infer<typeof sliceRecordSchema>>;

/** The item of a slice's record. */
export const recordItemSchema = z.object({ data: sliceRecordSchema });

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
  const isGood = await isStorable(table, sliceRecordSchema, recordKey(record), record);
  if (isGood) await table.put(recordItem(record, table.retentionDays));
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
  const read = await readItems(table, recordItemSchema, items, {
    keyOf: ({ data }) => recordKey(data),
  });
  return read.map(({ data }) => data);
}

function recordItem(record: SliceRecord, keepDays: number): LedgerItem {
  return {
    ...recordKey(record),
    data: JSON.stringify(record),
    expiresAt: expiryAfter(record.tickEpochMs, keepDays),
  };
}

function recordKey(record: SliceRecord): LedgerKey {
  return { pk: tickPartition(record.tickEpochMs), sk: `slice#${sliceKey(record)}` };
}

function tickPartition(tickEpochMs: number): string {
  return `tick#${new Date(tickEpochMs).toISOString()}`;
}

/**
 * How far one log group is read in one lane: all before its position was read or is a published
 * gap.
 */
const positionSchema = z.object({
  lane: z.enum(lanes),
  logGroup: z.string(),
  positionEpochMs: epochMsSchema,
  /** Where the lane began; nothing before it is reported. */
  sinceEpochMs: epochMsSchema,
  /**
   * The UTC day in which slices were read last, and the bytes that its slices scanned, without those of a
   * claim; absent before the first slice, and in the marks of earlier versions of the monitor.
   */
  scannedDayEpochMs: z.optional(epochMsSchema),
  scannedDayBytes: z.optional(z.int().check(z.minimum(0))),
});

export interface Mark extends Readonly<z.infer<typeof positionSchema>> {
  /**
   * A slice whose findings and events are stored and whose numbers are final, while its metrics may
   * not be put yet and the position has not moved.
   */
  readonly claim?: SliceRecord | undefined;
}

const itemSchema = z.extend(positionSchema, {
  data: z.optional(z.unknown()),
  claimEndEpochMs: z.optional(z.unknown()),
});

const markPartition = 'mark';

/**
 * How far each log group is read in each lane. A mark that cannot be read is set aside and not
 * returned. A claim that cannot be read is quarantined, and its slice is read again.
 *
 * @param latestEpochMs the latest valid position: a later one would silently make the lane read
 *   nothing
 * @throws LedgerVersionError when a later version of the monitor wrote a mark
 */
export async function loadMarks(
  table: LedgerTable,
  latestEpochMs = Number.POSITIVE_INFINITY,
): Promise<Mark[]> {
  const items = await table.query(markPartition, { beginsWith: 'lane#' });
  const marks: Mark[] = [];
  for (const item of items) {
    const read = await readItem(table, itemSchema, item, {
      keyOf,
      doubt: ({ positionEpochMs, sinceEpochMs }) =>
        Math.max(positionEpochMs, sinceEpochMs) > latestEpochMs
          ? 'its position is in the future'
          : undefined,
      isVersionGuard: true,
    });
    if (read === undefined) continue;
    const { data, claimEndEpochMs, ...mark } = read;
    if (data === undefined && claimEndEpochMs === undefined) {
      marks.push(mark);
      continue;
    }
    const claim = claimOf(mark, data, latestEpochMs);
    if (claim === undefined || claimEndEpochMs !== claim.endEpochMs) {
      await noteQuarantined(table, item, 'the claimed slice cannot be read');
      await table.put(itemOf(mark));
      marks.push(mark);
    } else marks.push({ ...mark, claim });
  }
  return marks;
}

/** The slice that a mark has claimed; undefined if it cannot be read or does not fit the mark. */
function claimOf(mark: Mark, data: unknown, latestEpochMs: number): SliceRecord | undefined {
  const { data: claim } = sliceRecordSchema.safeParse(data);
  const isOfMark =
    claim !== undefined &&
    claim.lane === mark.lane &&
    claim.logGroup === mark.logGroup &&
    claim.startEpochMs === mark.positionEpochMs &&
    claim.endEpochMs > claim.startEpochMs &&
    Math.max(claim.endEpochMs, claim.tickEpochMs) <= latestEpochMs;
  return isOfMark ? claim : undefined;
}

/** Creates the mark of a lane and a log group, unless there is one already. */
export async function createMark(table: LedgerTable, mark: Mark): Promise<void> {
  await table.putIf(itemOf(mark), { expression: 'attribute_not_exists(pk)' });
}

/**
 * Stores the numbers of a slice and the tick in which it counts; they are final from then on.
 *
 * @returns the mark with the claim, or undefined when the mark has changed since it was read
 */
export async function claimSlice(
  table: LedgerTable,
  mark: Mark,
  claim: SliceRecord,
): Promise<Mark | undefined> {
  const { positionEpochMs } = mark;
  if (claim.startEpochMs !== positionEpochMs || claim.endEpochMs <= positionEpochMs) {
    throw new RangeError(
      `a slice must begin at the position ${positionEpochMs} and end after it, got ${claim.startEpochMs} to ${claim.endEpochMs}`,
    );
  }
  const claimed = { ...mark, claim };
  const written = await table.putIf(itemOf(claimed), {
    expression: 'positionEpochMs = :position AND attribute_not_exists(claimEndEpochMs)',
    values: { ':position': positionEpochMs },
  });
  return written ? claimed : undefined;
}

/**
 * The bytes that a lane of a log group scanned in the last day in which it read, with those of a claim. A
 * slice is claimed once, and its mark moves once, so each slice counts once however often a tick is retried.
 */
export function bytesOfMark({
  claim,
  scannedDayEpochMs: dayEpochMs,
  scannedDayBytes: bytes = 0,
}: Mark): DayBytes | undefined {
  const moved = dayEpochMs === undefined ? undefined : { dayEpochMs, bytes };
  return claim === undefined ? moved : addedToDay(moved, claim.tickEpochMs, claim.bytes);
}

/**
 * Moves a mark to the end of its claim: the last write of a slice.
 *
 * @returns the moved mark, or undefined when it has changed since it was read
 */
export async function moveMark(
  table: LedgerTable,
  claimed: Mark & { readonly claim: SliceRecord },
): Promise<Mark | undefined> {
  const { claim, ...mark } = claimed;
  const scanned = bytesOfMark(claimed);
  const moved = {
    ...{ ...mark, positionEpochMs: claim.endEpochMs },
    ...(scanned && { scannedDayEpochMs: scanned.dayEpochMs, scannedDayBytes: scanned.bytes }),
  };
  const written = await table.putIf(itemOf(moved), {
    expression: 'positionEpochMs = :position AND claimEndEpochMs = :end',
    values: { ':position': mark.positionEpochMs, ':end': claim.endEpochMs },
  });
  return written ? moved : undefined;
}

function itemOf({ claim, ...position }: Mark): LedgerItem {
  const key = keyOf(position);
  return {
    ...key,
    ...checkedForWriting(positionSchema, key, position),
    ...(claim && {
      claimEndEpochMs: claim.endEpochMs,
      data: JSON.stringify(checkedForWriting(sliceRecordSchema, key, claim)),
    }),
  };
}

function keyOf({ lane, logGroup }: Pick<Mark, 'lane' | 'logGroup'>): LedgerKey {
  return { pk: markPartition, sk: `lane#${lane}#${logGroup}` };
}
