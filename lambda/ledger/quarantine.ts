import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import {
  checkItem,
  expiryAfter,
  isOfLaterVersion,
  type LedgerKey,
  LedgerVersionError,
  rulesOf,
  type UncheckedItem,
} from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';

/**
 * Items that cannot be read or written are set aside in this partition, one by one, so that one bad
 * item never stops the rest. Those with the prefix `new#` are not reported yet.
 */
const quarantinePartition = 'quarantine';
const newPrefix = 'new#';
const reportedPrefix = 'reported#';

/** Long enough for people to look at an item; nothing else needs it. */
const keepDays = 90;
/** DynamoDB's limit for an item is 400 kB. Content that is cut cannot be restored. */
const contentBytesMax = 350_000;
/** Items that one tick reports: each may hold {@link contentBytesMax}, and is written twice. */
const reportedAtOnceMax = 100;

const quarantinedSchema = z.object({
  sk: z.string(),
  itemPk: z.string(),
  itemSk: z.string(),
  contentHash: z.string(),
  /** Fields and rules, without any value. */
  problem: z.string(),
  content: z.string(),
});

/** An item that was set aside. */
export type QuarantinedItem = Readonly<z.infer<typeof quarantinedSchema>>;

interface ReadOptions<T> {
  /** Where the ledger stores such a value: an item at another key is not valid. */
  readonly keyOf: (value: T) => LedgerKey;
  /** Checks what else must hold for a value: returns the problem, or undefined if there is none. */
  readonly doubt?: (value: T) => string | undefined;
  /**
   * Whether an item of a later version stops the tick. It should if the item decides what is read
   * or written next; any other item is set aside, and its content is still there.
   */
  readonly isVersionGuard?: boolean;
}

/** Reads items one by one: one that cannot be read is set aside, and the others are returned. */
export async function readItems<T>(
  table: LedgerTable,
  schema: z.ZodMiniType<T>,
  items: readonly UncheckedItem[],
  options: ReadOptions<T>,
): Promise<T[]> {
  const values: T[] = [];
  for (const item of items) {
    const value = await readItem(table, schema, item, options);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/**
 * Reads one item.
 *
 * @returns undefined for one that cannot be read: it was set aside
 * @throws LedgerVersionError for a guard that a later version of the monitor wrote
 */
export async function readItem<T>(
  table: LedgerTable,
  schema: z.ZodMiniType<T>,
  item: UncheckedItem,
  { keyOf, doubt, isVersionGuard = false }: ReadOptions<T>,
): Promise<T | undefined> {
  if (isVersionGuard && isOfLaterVersion(item)) throw new LedgerVersionError(item);
  const { value, problem } = checkItem(schema, item);
  const doubted = value === undefined ? problem : doubtOf(value);
  if (doubted === undefined) return value;
  await setAside(table, item, doubted);
  return undefined;

  function doubtOf(read: T): string | undefined {
    const { pk, sk } = keyOf(read);
    return pk === item.pk && sk === item.sk ? doubt?.(read) : 'its content belongs to another key';
  }
}

/**
 * Moves an item into quarantine. The copy comes first, so that nothing is lost between the two
 * writes.
 */
export async function setAside(
  table: LedgerTable,
  item: UncheckedItem,
  problem: string,
): Promise<void> {
  await noteQuarantined(table, item, problem);
  const { writeId } = item;
  // If the item was replaced since it was read, the new one is left alone.
  await table.deleteIf(
    item,
    typeof writeId === 'string'
      ? { expression: 'writeId = :writeId', values: { ':writeId': writeId } }
      : { expression: 'attribute_exists(pk)' },
  );
}

/** Copies an item into quarantine, and leaves what is stored at its key. */
export async function noteQuarantined(
  table: LedgerTable,
  item: LedgerKey,
  problem: string,
): Promise<void> {
  const content = canonicalJson(item);
  const contentHash = hashOf(content);
  await table.put({
    pk: quarantinePartition,
    sk: `${newPrefix}${hashOf(JSON.stringify([item.pk, item.sk, contentHash]))}`,
    itemPk: item.pk,
    itemSk: item.sk,
    contentHash,
    problem,
    content: cutToBytes(content, contentBytesMax),
  });
  table.log('error', 'item-unreadable', { pk: item.pk, sk: item.sk, problem });
}

/**
 * Whether a value fits the schema by which it is read back. One that does not is quarantined and
 * reported and must not be written; everything else continues.
 */
export async function isStorable(
  table: LedgerTable,
  schema: z.ZodMiniType,
  key: LedgerKey,
  value: unknown,
): Promise<boolean> {
  const { error } = schema.safeParse(value);
  if (error === undefined) return true;
  await noteQuarantined(table, key, `not stored: ${rulesOf(error, value)}`);
  return false;
}

/**
 * Quarantined items that are not reported yet, as many as one tick reports.
 *
 * @returns `isAll`: whether there are no more of them
 */
export async function loadUnreported(
  table: LedgerTable,
): Promise<{ readonly items: readonly QuarantinedItem[]; readonly isAll: boolean }> {
  const items: QuarantinedItem[] = [];
  for await (const page of table.pages(quarantinePartition, { beginsWith: newPrefix })) {
    items.push(...page.map(quarantinedOf));
    if (items.length > reportedAtOnceMax) break;
  }
  const isAll = items.length <= reportedAtOnceMax;
  return { items: items.slice(0, reportedAtOnceMax), isAll };
}

function quarantinedOf(item: UncheckedItem): QuarantinedItem {
  const { value } = checkItem(quarantinedSchema, item);
  if (value !== undefined) return value;
  // The monitor did not write this one in its present form: the quarantine item itself is reported.
  const { pk: itemPk, sk: itemSk } = item;
  const content = canonicalJson(item);
  const problem = 'an item in quarantine has another form';
  return { sk: itemSk, itemPk, itemSk, contentHash: hashOf(content), problem, content };
}

/** Marks an item in quarantine as reported. */
export async function markReported(
  table: LedgerTable,
  quarantined: QuarantinedItem,
  tickEpochMs: number,
): Promise<void> {
  const { sk, content, ...about } = quarantined;
  const reported: LedgerItem = {
    pk: quarantinePartition,
    sk: `${reportedPrefix}${sk.slice(newPrefix.length)}`,
    ...about,
    content: cutToBytes(content, contentBytesMax),
    expiresAt: expiryAfter(tickEpochMs, keepDays),
  };
  await table.put(reported);
  await table.delete({ pk: quarantinePartition, sk });
}

function cutToBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= bytesMax ? text : bytes.toString('utf8', 0, bytesMax);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** JSON of anything that an item can hold, the same for the same content. */
function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'bigint') return String(part);
      if (part instanceof Set) return [...part];
      if (part instanceof Uint8Array) return Buffer.from(part).toString('base64');
      if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ''
  );
}
