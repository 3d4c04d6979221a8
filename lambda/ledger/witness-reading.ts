import * as z from 'zod/mini';
import { inSteps } from '../common/retry.ts';
import { hourMs } from '../common/time.ts';
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
  lossesMax,
  lossPrefix,
  type PieceContent,
  parsed,
  pieceContent,
  pieceKey,
  piecesOf,
  rowPrefix,
  type Snapshot,
  snapshotKey,
  snapshotPrefix,
  snapshotSchema,
  stateCharactersMax,
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

/** The last losses of audit rows that are stored: there are few, if any. */
export async function loadAuditLosses(table: LedgerTable): Promise<AuditLoss[]> {
  const losses: AuditLoss[] = [];
  for await (const page of table.pages(witnessPartition, { beginsWith: lossPrefix })) {
    losses.push(
      ...page.flatMap((item) => readWitnessed(table, auditLossItemSchema, item)?.data ?? []),
    );
    losses.splice(0, losses.length - lossesMax);
  }
  return losses;
}

/** More than ten runs read, at their most. */
const rowsMax = 20_000;

/** The rows of the audit log that were read at a time or after it. */
export async function loadAuditRows(table: LedgerTable, fromEpochMs: number): Promise<AuditRow[]> {
  // One that was stored twice is one row.
  const rows = new Map<number, AuditRow>();
  for await (const page of table.pages(witnessPartition, from(rowPrefix, fromEpochMs))) {
    for (const item of page) {
      const row = readWitnessed(table, auditRowItemSchema, item)?.data;
      if (row !== undefined) rows.set(row.id, row);
    }
    if (rows.size >= rowsMax) {
      table.log('error', 'audit-rows-left', { read: rows.size });
      break;
    }
  }
  return [...rows.values()];
}

/** More readings than are between two ticks, unless the scanner was down: it goes on in the next tick. */
const snapshotsMax = 20;

/**
 * The readings of users and roles from a time on, the oldest first, at most {@link snapshotsMax}.
 *
 * @param nowEpochMs of the tick: a reading that ended later is none of the witness's
 */
export async function loadSnapshots(
  table: LedgerTable,
  fromEpochMs: number,
  nowEpochMs: number,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for await (const page of table.pages(witnessPartition, from(snapshotPrefix, fromEpochMs))) {
    for (const item of page) {
      const snapshot = snapshotOf(table, item);
      if (snapshot === undefined) continue;
      const { startEpochMs, endEpochMs } = snapshot;
      const isPossible =
        snapshotKey(snapshot).sk === item.sk &&
        startEpochMs <= endEpochMs &&
        endEpochMs <= nowEpochMs + clockSkewMaxMs;
      if (isPossible) snapshots.push(snapshot);
      else
        table.log('error', 'item-unreadable', { ...keyOf(item), problem: 'its times are wrong' });
    }
    if (snapshots.length >= snapshotsMax) break;
  }
  return snapshots.slice(0, snapshotsMax);
}

/** A tick's time is that of its schedule, and the witness may have run since. */
const clockSkewMaxMs = 6 * hourMs;

function keyOf({ pk, sk }: UncheckedItem) {
  return { pk, sk };
}

function snapshotOf(table: LedgerTable, item: UncheckedItem): Snapshot | undefined {
  const zip = readWitnessed(table, zippedItemSchema, item)?.zip;
  const text = zip === undefined ? undefined : unzipped(zip);
  return text === undefined ? undefined : parsed(snapshotSchema, text);
}

function from(prefix: string, epochMs: number) {
  return { from: `${prefix}${timeKey(epochMs)}`, to: `${prefix}~` };
}

/** One state of {@link stateCharactersMax} is several times as large in memory. */
const charactersMax = 2 * stateCharactersMax;
const piecesAtOnce = 16;

/**
 * The states that snapshots refer to, as many as fit into memory: two at least, and the others in the next
 * tick. Two snapshots share most of their pieces: each is read once.
 *
 * @returns undefined for a snapshot of which a piece is missing, or which is larger than the witness reads
 */
export async function loadStates(
  table: LedgerTable,
  snapshots: readonly Snapshot[],
): Promise<(AirflowState | undefined)[]> {
  const contents = new Map<string, PieceContent>();
  const states: (AirflowState | undefined)[] = [];
  let [whole, characters] = [0, 0];
  for (const snapshot of snapshots) {
    if (whole >= 2 && characters > charactersMax) break;
    const hashes = piecesOf(snapshot).filter((hash) => !contents.has(hash));
    let ofSnapshot = 0;
    for (let at = 0; at < hashes.length && ofSnapshot <= stateCharactersMax; at += piecesAtOnce) {
      const some = hashes.slice(at, at + piecesAtOnce);
      for (const [hash, text] of await inSteps(some, (each) => pieceText(table, each))) {
        const content = text === undefined ? undefined : pieceContent(hash, text);
        if (content !== undefined) contents.set(hash, content);
        ofSnapshot += text?.length ?? 0;
      }
    }
    const state = stateOf(snapshot, contents);
    states.push(state);
    if (state === undefined) for (const hash of hashes) contents.delete(hash);
    else [whole, characters] = [whole + 1, characters + ofSnapshot];
  }
  return states;
}

async function pieceText(
  table: LedgerTable,
  hash: string,
): Promise<readonly [string, string | undefined]> {
  const item = await table.get(pieceKey(hash));
  const zip = item && readWitnessed(table, zippedItemSchema, item)?.zip;
  return [hash, zip === undefined ? undefined : unzipped(zip)];
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

/** In a flood of lines there may be more: those explain nothing, so that the state is told beside them. */
const recentMax = 5_000;

/** Where the findings are whose last line is of a time or later, each once, at most {@link recentMax}. */
export async function loadRecent(table: LedgerTable, fromEpochMs: number): Promise<RecentPlace[]> {
  const places = new Map<string, RecentPlace>();
  for await (const page of table.pages(recentPartition, from(recentPrefix, fromEpochMs))) {
    for (const item of page) {
      const place = readWitnessed(table, placeSchema, item);
      if (place !== undefined) places.set(place.findingId, place);
    }
    if (places.size >= recentMax) break;
  }
  return [...places.values()].slice(0, recentMax);
}
