import * as z from 'zod/mini';
import { lanes } from '../lanes.ts';
import { parseItem } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';
import { type SliceRecord, sliceRecordSchema } from './slice-record.ts';

/** How far one log group is read in one lane: all before its position was read, or is a published gap. */
const positionSchema = z.object({
  lane: z.enum(lanes),
  logGroup: z.string(),
  positionEpochMs: z.int(),
  /** Where the lane began; nothing before it is reported. */
  sinceEpochMs: z.int(),
});

export interface Mark extends Readonly<z.infer<typeof positionSchema>> {
  /**
   * A slice whose findings and events are stored and whose numbers are settled, while its metrics may
   * not be put yet and the position has not moved.
   */
  readonly claim?: SliceRecord | undefined;
}

const itemSchema = z.extend(positionSchema, { data: z.optional(sliceRecordSchema) });

const markPartition = 'mark';

export async function loadMarks(table: LedgerTable): Promise<Mark[]> {
  const items = await table.query(markPartition, { beginsWith: 'lane#' });
  return items.map((item) => {
    const { data: claim, ...mark } = parseItem(itemSchema, item);
    return { ...mark, claim };
  });
}

/** Begins a lane of a log group, unless somebody did already. */
export async function createMark(table: LedgerTable, mark: Mark): Promise<void> {
  await table.putIf(itemOf(mark), { expression: 'attribute_not_exists(pk)' });
}

/**
 * Settles what a slice counts for, and in which tick.
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
      `a slice must begin at the position ${positionEpochMs} and end behind it, got ${claim.startEpochMs} to ${claim.endEpochMs}`,
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
 * Moves a mark to the end of its claim: the last write of a slice.
 *
 * @returns the mark where it stands then, or undefined when it has changed since it was read
 */
export async function moveMark(
  table: LedgerTable,
  { claim, ...mark }: Mark & { readonly claim: SliceRecord },
): Promise<Mark | undefined> {
  const moved = { ...mark, positionEpochMs: claim.endEpochMs };
  const written = await table.putIf(itemOf(moved), {
    expression: 'positionEpochMs = :position AND claimEndEpochMs = :end',
    values: { ':position': mark.positionEpochMs, ':end': claim.endEpochMs },
  });
  return written ? moved : undefined;
}

function itemOf({ lane, logGroup, positionEpochMs, sinceEpochMs, claim }: Mark): LedgerItem {
  return {
    pk: markPartition,
    sk: `lane#${lane}#${logGroup}`,
    lane,
    logGroup,
    positionEpochMs,
    sinceEpochMs,
    ...(claim && { claimEndEpochMs: claim.endEpochMs, data: JSON.stringify(claim) }),
  };
}
