import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import {
  type AirflowState,
  auditRowSchema,
  type RoleState,
  roleStateSchema,
  type UserState,
  userStateSchema,
} from '../model/airflow-state.ts';
import { epochMsSchema, expiryAfter, type LedgerKey, timeKey } from './ledger-schema.ts';
import type { LedgerItem } from './ledger-table.ts';

/**
 * The partition of the second witness, and the only one: its role may be limited to it with
 * `dynamodb:LeadingKeys`. The witness writes there what it saw; the scanner reads it, and writes only in
 * partitions of its own.
 */
export const witnessPartition = 'witness';

/** How long what the witness saw is kept: the scanner may be down for as long. */
const keptDays = 30;
/** Longer than any snapshot that refers to a piece which was written again within {@link refreshDays}. */
const piecesKeptDays = 45;
/** A piece that does not change is written again once in so many days. */
export const refreshDays = 7;

/** How one kind of read goes. */
const readingSchema = z.object({
  /** When the last complete read ended. */
  completeEpochMs: z.optional(epochMsSchema),
  /** Reads that failed since, in a row. */
  failures: z.int().check(z.minimum(0)),
  /** Why the last of them failed, in the monitor's own words. */
  cause: z.optional(z.string().check(z.maxLength(300))),
});

/** The state of the witness after its last run: item `status`. */
export const witnessStatusSchema = z.object({
  runEpochMs: epochMsSchema,
  auditLog: z.optional(readingSchema),
  snapshot: z.optional(readingSchema),
  /** The last snapshot, see {@link snapshotKey}. */
  snapshotEpochMs: z.optional(epochMsSchema),
  /** What is wrong with the witness's own Airflow role. */
  auditorProblem: z.optional(z.string().check(z.maxLength(300))),
});

export type Reading = Readonly<z.infer<typeof readingSchema>>;
export type WitnessStatus = Readonly<z.infer<typeof witnessStatusSchema>>;

export const statusKey: LedgerKey = { pk: witnessPartition, sk: 'status' };

export function statusItem(status: WitnessStatus): LedgerItem {
  return { ...statusKey, data: JSON.stringify(witnessStatusSchema.parse(status)) };
}

/**
 * One complete reading of users and roles: item `snapshot#TIME`, gzipped. It refers to the items of its
 * roles and its users by what they contain, so that only what changed is written.
 */
export const snapshotSchema = z.object({
  startEpochMs: epochMsSchema,
  endEpochMs: epochMsSchema,
  /** Pieces of the list of users, see {@link usersPieces}. */
  users: z.array(z.string()),
  /** Pieces of roles, each of which names its role: a name such as `__proto__` is no key of an object. */
  roles: z.array(z.string()),
});

export type Snapshot = Readonly<z.infer<typeof snapshotSchema>>;

/** The names of all users and roles, in characters of JSON: more of them are not read. */
export const stateCharactersMax = 12_000_000;

export const snapshotPrefix = 'snapshot#';

export function snapshotKey({ startEpochMs }: Pick<Snapshot, 'startEpochMs'>): LedgerKey {
  return { pk: witnessPartition, sk: `${snapshotPrefix}${timeKey(startEpochMs)}` };
}

export function snapshotItem(snapshot: Snapshot): LedgerItem {
  return {
    ...snapshotKey(snapshot),
    zip: zipped(snapshotSchema.parse(snapshot)),
    expiresAt: expiryAfter(snapshot.startEpochMs, keptDays),
  };
}

/** An item with a part of a snapshot: a role, or some of the users. Its key is the hash of its content. */
export const zippedItemSchema = z.object({ zip: z.string() });

const usersPieceSchema = z.array(userStateSchema);

/**
 * What one piece holds at most, in bytes of JSON. DynamoDB takes 400 kB, and who writes random names makes a
 * text that gzip and base64 lengthen by a third.
 */
const pieceBytesMax = 250_000;
/** Users in one piece, so that a change of one user writes little again: about 20 kB, gzipped. */
const usersPerPiece = 500;

export interface Piece {
  readonly hash: string;
  readonly item: (nowEpochMs: number) => LedgerItem;
}

/** The pieces of a role: one, unless it has thousands of permissions. */
export function rolePieces({ role, permissions }: RoleState): Piece[] {
  const parts = permissions.length === 0 ? [[]] : parted(permissions, permissions.length);
  return parts.map((part) => pieceOf(roleStateSchema.parse({ role, permissions: part })));
}

/** The pieces of the list of users. */
export function usersPieces(users: readonly UserState[]): Piece[] {
  return parted(users, usersPerPiece).map((part) => pieceOf(usersPieceSchema.parse(part)));
}

/** Parts of a list, in its order, that fit into a piece each. */
function parted<T>(all: readonly T[], countMax: number): T[][] {
  const parts: T[][] = [];
  let bytes = 0;
  for (const one of all) {
    const last = parts.at(-1);
    const size = Buffer.byteLength(JSON.stringify(one)) + 1;
    if (last === undefined || last.length >= countMax || bytes + size > pieceBytesMax) {
      parts.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return parts;
}

function pieceOf(content: object): Piece {
  const text = JSON.stringify(content);
  const hash = hashOf(text);
  return {
    hash,
    item: (nowEpochMs) => ({
      ...pieceKey(hash),
      zip: gzipSync(text).toString('base64'),
      expiresAt: expiryAfter(nowEpochMs, piecesKeptDays),
    }),
  };
}

export function pieceKey(hash: string): LedgerKey {
  return { pk: witnessPartition, sk: `piece#${hash}` };
}

/** The pieces that a snapshot refers to, each once. */
export function piecesOf({ users, roles }: Snapshot): readonly string[] {
  return [...new Set([...users, ...roles])];
}

const pieceSchema = z.union([usersPieceSchema, roleStateSchema]);

/** What a piece holds: some users, or a role with some of its permissions. */
export type PieceContent = Readonly<z.infer<typeof pieceSchema>>;

/** @returns undefined if a text is not what the key of its piece says */
export function pieceContent(hash: string, text: string): PieceContent | undefined {
  return hashOf(text) === hash ? parsed(pieceSchema, text) : undefined;
}

/** JSON of the witness's own; undefined for any other text. */
export function parsed<T>(schema: z.ZodMiniType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * The state that a snapshot's pieces make up.
 *
 * @returns undefined if a piece is missing: a snapshot is whole or nothing
 */
export function stateOf(
  { startEpochMs, endEpochMs, ...pieces }: Snapshot,
  contents: ReadonlyMap<string, PieceContent>,
): AirflowState | undefined {
  const users = new Map<string, UserState>();
  const roles = new Map<string, readonly string[]>();
  for (const hash of pieces.users) {
    const some = contents.get(hash);
    if (some === undefined || !('length' in some)) return undefined;
    for (const user of some) users.set(user.username, user);
  }
  for (const hash of pieces.roles) {
    const some = contents.get(hash);
    if (some === undefined || 'length' in some) return undefined;
    const before = roles.get(some.role);
    roles.set(some.role, before ? [...before, ...some.permissions] : some.permissions);
  }
  return { startEpochMs, endEpochMs, users, roles };
}

/**
 * A row of the audit log: item `row#READ#ID`. Rows are ordered by when they were read, since a row can
 * appear after others with a higher id; one that is read twice is one row by its id.
 */
export const auditRowItemSchema = z.object({ data: auditRowSchema });

export const rowPrefix = 'row#';

export function rowKey({
  readEpochMs,
  id,
}: Pick<z.infer<typeof auditRowSchema>, 'readEpochMs' | 'id'>): LedgerKey {
  return { pk: witnessPartition, sk: `${rowPrefix}${timeKey(readEpochMs)}#${id}` };
}

export function rowItem(row: z.infer<typeof auditRowSchema>): LedgerItem {
  return {
    ...rowKey(row),
    data: JSON.stringify(auditRowSchema.parse(row)),
    expiresAt: expiryAfter(row.readEpochMs, keptDays),
  };
}

/** How far the audit log is read: item `audit-mark`. */
export const auditMarkSchema = z.object({
  /** How often it was written: a run that read an older one does not replace it. */
  revision: z.int().check(z.minimum(1)),
  readEpochMs: epochMsSchema,
  /** The highest id that was read; 0 for an empty log. */
  lastId: z.int().check(z.minimum(0)),
  /** Rows up to that id, as they were in the log. */
  rows: z.int().check(z.minimum(0)),
  /** The lowest id in the log: `airflow db clean` takes the oldest rows. */
  oldestId: z.int().check(z.minimum(0)),
  /** Ids of the last rows, of the last minute and more: they are read again. */
  recent: z.array(z.int()),
});

export type AuditMark = Readonly<z.infer<typeof auditMarkSchema>>;

export const auditMarkKey: LedgerKey = { pk: witnessPartition, sk: 'audit-mark' };

export function auditMarkItem(mark: AuditMark): LedgerItem {
  const { revision, ...data } = auditMarkSchema.parse(mark);
  return { ...auditMarkKey, revision, data: JSON.stringify(data) };
}

/** Rows of the audit log that were read and are missing: item `loss#TIME`. */
export const auditLossSchema = z.object({
  /** When the log was read whole for the last time: it names the loss. */
  sinceEpochMs: epochMsSchema,
  foundEpochMs: epochMsSchema,
  /** Rows that are missing at least. */
  missing: z.int().check(z.minimum(1)),
  /** Ids of missing rows that are known. */
  ids: z.array(z.int()),
});

export type AuditLoss = Readonly<z.infer<typeof auditLossSchema>>;

/** Losses that are told in one tick: a run finds one at most. */
export const lossesMax = 20;

export const auditLossItemSchema = z.object({ data: auditLossSchema });

export const lossPrefix = 'loss#';

export function lossKey({ sinceEpochMs }: Pick<AuditLoss, 'sinceEpochMs'>): LedgerKey {
  return { pk: witnessPartition, sk: `${lossPrefix}${timeKey(sinceEpochMs)}` };
}

export function lossItem(loss: AuditLoss): LedgerItem {
  return {
    ...lossKey(loss),
    data: JSON.stringify(auditLossSchema.parse(loss)),
    expiresAt: expiryAfter(loss.foundEpochMs, keptDays),
  };
}

/** A value as the text of a zipped item. */
export function zipped(value: unknown): string {
  return gzipSync(JSON.stringify(value)).toString('base64');
}

/** The text of a zipped item; undefined if it is not one. A bomb of zeros is no text of ours. */
export function unzipped(zip: string): string | undefined {
  try {
    return gunzipSync(Buffer.from(zip, 'base64'), { maxOutputLength: zipTextMax }).toString();
  } catch {
    return undefined;
  }
}

const zipTextMax = 16 * 1024 * 1024;

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
