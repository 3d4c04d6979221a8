import * as z from 'zod/mini';
import { inSteps } from '../common/retry.ts';
import type { AirflowState, AuditRow } from '../model/airflow-state.ts';
import {
  checkItem,
  epochMsSchema,
  expiryAfter,
  timeKey,
  type UncheckedItem,
} from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';
import {
  type AuditLoss,
  auditLossItemSchema,
  auditRowItemSchema,
  lossPrefix,
  pieceKey,
  piecesOf,
  rowPrefix,
  type Snapshot,
  snapshotPrefix,
  snapshotSchema,
  stateOf,
  statusKey,
  unzipped,
  type WitnessStatus,
  witnessPartition,
  witnessStatusSchema,
  zippedItemSchema,
} from './witness-items.ts';

/**
 * What the scanner reads of the second witness, and remembers about it. The witness's items are never
 * changed here: one that cannot be read is left where it is, and is as good as none.
 */
function readWitnessed<T>(
  table: LedgerTable,
  schema: z.ZodMiniType<T>,
  item: UncheckedItem,
): T | undefined {
  const { value, problem } = checkItem(schema, item);
  if (value === undefined) {
    table.log('error', 'item-unreadable', { pk: item.pk, sk: item.sk, problem });
  }
  return value;
}

export async function loadWitnessStatus(table: LedgerTable): Promise<WitnessStatus | undefined> {
  const item = await table.get(statusKey);
  if (item === undefined) return undefined;
  return readWitnessed(table, z.object({ data: witnessStatusSchema }), item)?.data;
}

/** All losses of audit rows that are still stored: there are few, if any. */
export async function loadAuditLosses(table: LedgerTable): Promise<AuditLoss[]> {
  const items = await table.query(witnessPartition, { beginsWith: lossPrefix });
  return items.flatMap((item) => readWitnessed(table, auditLossItemSchema, item)?.data ?? []);
}

/** The rows of the audit log that were read at a time or after it. */
export async function loadAuditRows(table: LedgerTable, fromEpochMs: number): Promise<AuditRow[]> {
  const items = await table.query(witnessPartition, from(rowPrefix, fromEpochMs));
  const rows = items.flatMap((item) => readWitnessed(table, auditRowItemSchema, item)?.data ?? []);
  // One that was stored twice is one row.
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/** More readings than are between two ticks, unless the scanner was down: it goes on in the next tick. */
const snapshotsMax = 50;

/** The readings of users and roles from a time on, the oldest first, at most {@link snapshotsMax}. */
export async function loadSnapshots(table: LedgerTable, fromEpochMs: number): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for await (const page of table.pages(witnessPartition, from(snapshotPrefix, fromEpochMs))) {
    for (const item of page) {
      const zip = readWitnessed(table, zippedItemSchema, item)?.zip;
      const snapshot = zip === undefined ? undefined : snapshotOf(zip);
      if (snapshot !== undefined) snapshots.push(snapshot);
    }
    if (snapshots.length >= snapshotsMax) break;
  }
  return snapshots.slice(0, snapshotsMax);
}

function snapshotOf(zip: string): Snapshot | undefined {
  const text = unzipped(zip);
  if (text === undefined) return undefined;
  try {
    return snapshotSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function from(prefix: string, epochMs: number) {
  return { from: `${prefix}${timeKey(epochMs)}`, to: `${prefix}~` };
}

/**
 * The states that snapshots refer to. Two snapshots share most of their pieces: each is read once.
 *
 * @returns undefined for a snapshot of which a piece is missing
 */
export async function loadStates(
  table: LedgerTable,
  snapshots: readonly Snapshot[],
): Promise<(AirflowState | undefined)[]> {
  const hashes = [...new Set(snapshots.flatMap(piecesOf))];
  const texts = await inSteps(hashes, async (hash) => {
    const item = await table.get(pieceKey(hash));
    const zip = item && readWitnessed(table, zippedItemSchema, item)?.zip;
    return [hash, zip === undefined ? undefined : unzipped(zip)] as const;
  });
  const textOf = new Map(texts);
  return snapshots.map((snapshot) => stateOf(snapshot, (hash) => textOf.get(hash)));
}

/** How far the scanner has judged what the witness saw. */
const cursorSchema = z.object({
  /** The first tick with a second witness. */
  sinceEpochMs: epochMsSchema,
  /** The last reading of users and roles that was compared for good; absent before the first. */
  snapshotEpochMs: z.optional(epochMsSchema),
  /** Rows that were read before it are judged for good. */
  rowsEpochMs: epochMsSchema,
  /** Airflow's version, and when it became another one. */
  airflowVersion: z.optional(z.string()),
  upgradedEpochMs: z.optional(epochMsSchema),
  /** While the witness is blind: since when, and why. */
  blind: z.optional(z.object({ sinceEpochMs: epochMsSchema, cause: z.string() })),
});

export type WitnessCursor = Readonly<z.infer<typeof cursorSchema>>;

const cursorKey = { pk: 'witness-read', sk: 'cursor' };

/** A cursor that cannot be read is set aside. */
export async function loadCursor(table: LedgerTable): Promise<WitnessCursor | undefined> {
  const item = await table.get(cursorKey);
  if (item === undefined) return undefined;
  const read = await readItem(table, z.object({ data: cursorSchema }), item, {
    keyOf: () => cursorKey,
  });
  return read?.data;
}

export async function saveCursor(table: LedgerTable, cursor: WitnessCursor): Promise<void> {
  const isGood = await isStorable(table, cursorSchema, cursorKey, cursor);
  if (isGood) await table.put({ ...cursorKey, data: JSON.stringify(cursor) });
}

/**
 * A list of the findings of the last days by their time, which the findings themselves are not stored by. It
 * is there only with a second witness. An entry without its finding does no harm.
 */
const recentPartition = 'recent';
const recentPrefix = 'finding#';
/** Longer than any outage after which the witness's readings are still joined to findings. */
const recentDays = 10;

const placeSchema = z.object({
  streamId: z.string(),
  anchorEpochMs: epochMsSchema,
  findingId: z.string(),
});

export type RecentPlace = Readonly<z.infer<typeof placeSchema>>;

/** Puts a finding on the list; before the finding itself is saved, so that it is never missing there. */
export async function listRecent(
  table: LedgerTable,
  place: RecentPlace,
  { lastEpochMs, tickEpochMs }: { readonly lastEpochMs: number; readonly tickEpochMs: number },
): Promise<void> {
  await table.put({
    pk: recentPartition,
    sk: `${recentPrefix}${timeKey(lastEpochMs)}#${place.findingId}`,
    ...place,
    expiresAt: expiryAfter(tickEpochMs, recentDays),
  });
}

/** Where the findings are whose last line is of a time or later, each once. */
export async function loadRecent(table: LedgerTable, fromEpochMs: number): Promise<RecentPlace[]> {
  const items = await table.query(recentPartition, from(recentPrefix, fromEpochMs));
  const places = items.flatMap((item) => readWitnessed(table, placeSchema, item) ?? []);
  return [...new Map(places.map((place) => [place.findingId, place])).values()];
}
