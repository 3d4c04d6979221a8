import * as z from 'zod/mini';
import { inSteps } from '../common/retry.ts';
import { dayMs } from '../common/time.ts';
import { checkItem, type UncheckedItem } from '../ledger/ledger-schema.ts';
import { isRefusedItem, type LedgerTable } from '../ledger/ledger-table.ts';
import {
  type AuditMark,
  auditMarkItem,
  auditMarkKey,
  auditMarkSchema,
  auditRowItemSchema,
  lossItem,
  parsed,
  piecesOf,
  refreshDays,
  rolePieces,
  rowItem,
  rowPrefix,
  type Snapshot,
  snapshotItem,
  snapshotKey,
  snapshotSchema,
  statusItem,
  statusKey,
  unzipped,
  usersPieces,
  type WitnessStatus,
  witnessPartition,
  witnessStatusSchema,
  zippedItemSchema,
} from '../ledger/witness-items.ts';
import { ReadFailedError } from './airflow-api.ts';
import type { AuditPosition, AuditReading, AuditStart } from './read-audit-log.ts';
import type { ReadState } from './read-state.ts';

/** What the witness knows from its last run. What it cannot read is as good as lost: it begins anew there. */
export async function loadStatus(table: LedgerTable): Promise<WitnessStatus | undefined> {
  const item = await table.get(statusKey);
  const schema = z.object({ data: witnessStatusSchema });
  return read(table, schema, item)?.data;
}

export async function saveStatus(table: LedgerTable, status: WitnessStatus): Promise<void> {
  await table.put(statusItem(status));
}

/**
 * Stores a complete reading of users and roles: first the pieces that the last snapshot does not have, then
 * the snapshot, so that it never refers to a piece which is not there.
 *
 * @param beforeEpochMs the last snapshot
 * @throws ReadFailedError if the ledger takes no item of that size
 */
export async function saveSnapshot(
  table: LedgerTable,
  { users, roles }: ReadState,
  times: { readonly startEpochMs: number; readonly endEpochMs: number },
  beforeEpochMs: number | undefined,
): Promise<void> {
  const ofUsers = usersPieces(users);
  const ofRoles = [...roles].flatMap(([role, permissions]) => rolePieces({ role, permissions }));
  const kept = await keptPieces(table, times.startEpochMs, beforeEpochMs);
  const snapshot: Snapshot = {
    ...times,
    users: ofUsers.map(({ hash }) => hash),
    roles: ofRoles.map(({ hash }) => hash),
  };
  try {
    await inSteps(
      [...ofUsers, ...ofRoles].filter(({ hash }) => !kept.has(hash)),
      (piece) => table.put(piece.item(times.startEpochMs)),
    );
    await table.put(snapshotItem(snapshot));
  } catch (error) {
    if (!isRefusedItem(error)) throw error;
    throw new ReadFailedError('users and roles are too large to be stored', { cause: error });
  }
}

/** Pieces that need not be written again, because they do not expire soon. */
async function keptPieces(
  table: LedgerTable,
  nowEpochMs: number,
  beforeEpochMs: number | undefined,
): Promise<ReadonlySet<string>> {
  const period = (epochMs: number) => Math.floor(epochMs / (refreshDays * dayMs));
  if (beforeEpochMs === undefined || period(beforeEpochMs) !== period(nowEpochMs)) return new Set();
  const item = await table.get(snapshotKey({ startEpochMs: beforeEpochMs }));
  const zip = read(table, zippedItemSchema, item)?.zip;
  const text = zip === undefined ? undefined : unzipped(zip);
  const before = text === undefined ? undefined : parsed(snapshotSchema, text);
  return new Set(before === undefined ? [] : piecesOf(before));
}

const markItemSchema = z.object({
  revision: z.int().check(z.minimum(1)),
  data: z.omit(auditMarkSchema, { revision: true }),
});

/** Where to read on in the audit log, and the revision of the mark that says so. */
export async function loadAuditStart(
  table: LedgerTable,
): Promise<{ readonly start: AuditStart; readonly revision: number }> {
  const item = await table.get(auditMarkKey);
  const mark = read(table, markItemSchema, item);
  if (mark !== undefined) return { start: { position: mark.data }, revision: mark.revision };
  const revision = typeof item?.revision === 'number' ? item.revision : 0;
  // The mark is lost; the last row that was stored is a place to read on from.
  const rows = await table.query(witnessPartition, { beginsWith: rowPrefix });
  const ids = rows.flatMap((row) => read(table, auditRowItemSchema, row)?.data.id ?? []);
  const start: AuditStart =
    ids.length === 0
      ? { atEnd: true }
      : { afterId: ids.reduce((highest, id) => Math.max(highest, id), 0) };
  return { start, revision };
}

/**
 * Stores what was read of the audit log: the rows, a loss, and last the mark. A run that dies in between
 * reads and stores the same again.
 *
 * @param revision of the mark from which was read
 * @returns false if another run has moved the mark since: what it read is stored as well
 */
export async function saveAuditReading(
  table: LedgerTable,
  { rows, loss, position }: AuditReading,
  { start, revision }: { readonly start: AuditStart; readonly revision: number },
): Promise<boolean> {
  // Those before the first reading are not news.
  const news = 'atEnd' in start ? [] : rows;
  await inSteps(news, (row) => table.put(rowItem(row)));
  if (loss !== undefined) await table.put(lossItem(loss));
  return saveMark(table, position, revision);
}

async function saveMark(
  table: LedgerTable,
  position: AuditPosition,
  revision: number,
): Promise<boolean> {
  const mark: AuditMark = { ...position, revision: revision + 1 };
  return table.putIf(
    auditMarkItem(mark),
    revision === 0
      ? { expression: 'attribute_not_exists(pk) OR attribute_not_exists(revision)' }
      : { expression: 'revision = :revision', values: { ':revision': revision } },
  );
}

/** The value of an item; undefined if there is none or it cannot be read, which is logged. */
function read<T>(
  table: LedgerTable,
  schema: z.ZodMiniType<T>,
  item: UncheckedItem | undefined,
): T | undefined {
  if (item === undefined) return undefined;
  const { value, problem } = checkItem(schema, item);
  if (value === undefined) {
    table.log('error', 'item-unreadable', { pk: item.pk, sk: item.sk, problem });
  }
  return value;
}
