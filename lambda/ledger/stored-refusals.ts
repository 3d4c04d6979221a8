import * as z from 'zod/mini';
import type { KnownTexts } from '../model/refused-texts.ts';
import { type Retreats, retreatSteps } from '../model/retreat.ts';
import { epochMsSchema } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';

const refusedTextsKey = { pk: 'state', sk: 'refused-texts' };

/** Limits for AWS's messages, so that an item with hundreds of detections is far below 400 kB. */
export const messageCharactersMax = 500;
export const excerptCharactersMax = 100;

const ids = z.array(z.string()).check(z.minLength(1));

const refusedTextsSchema = z.object({
  /** Identifies the plan: what is known about one plan says nothing about another. */
  planHash: z.string(),
  /** The tick in which the whole text was last tried. */
  triedEpochMs: epochMsSchema,
  refused: z.array(
    z.object({
      id: z.string(),
      message: z.string().check(z.maxLength(messageCharactersMax)),
      excerpt: z.optional(z.string().check(z.maxLength(excerptCharactersMax))),
    }),
  ),
  accepted: z.array(ids),
  open: z.array(ids),
  isSettled: z.boolean(),
  /**
   * By refused detection, the time from which its events are not searched for. Older items lack it.
   */
  refusedSince: z.optional(z.record(z.string(), epochMsSchema)),
});

/** What is known about a plan's texts, and since when. */
export interface StoredTexts {
  readonly planHash: string;
  readonly triedEpochMs: number;
  readonly known: KnownTexts;
  /** By refused detection, the time from which its events are not searched for. */
  readonly refusedSince: ReadonlyMap<string, number>;
}

const itemSchema = z.object({ data: refusedTextsSchema });

/**
 * What is known about the texts of a plan.
 *
 * An item that cannot be read, or that does not hold each detection of the plan once, is set aside:
 * the refused detections are then searched for again.
 *
 * @param plan.ids all detections of the plan
 * @returns undefined when nothing of this plan was ever refused
 */
export async function loadRefusedTexts(
  table: LedgerTable,
  plan: { readonly hash: string; readonly ids: readonly string[] },
): Promise<StoredTexts | undefined> {
  const item = await table.get(refusedTextsKey);
  if (item === undefined) return undefined;
  const read = await readItem(table, itemSchema, item, {
    keyOf: () => refusedTextsKey,
    doubt: ({ data: { planHash, refusedSince: _, ...known } }) =>
      planHash === plan.hash && !holdsEachOnce(known, plan.ids)
        ? 'its lists do not hold each detection of the plan once'
        : undefined,
  });
  if (read === undefined || read.data.planHash !== plan.hash) return undefined;
  const { planHash, triedEpochMs, refusedSince = {}, ...known } = read.data;
  return { planHash, triedEpochMs, known, refusedSince: new Map(Object.entries(refusedSince)) };
}

export async function saveRefusedTexts(
  table: LedgerTable,
  { planHash, triedEpochMs, known, refusedSince }: StoredTexts,
): Promise<void> {
  const data = {
    ...{ planHash, triedEpochMs, ...known },
    refusedSince: Object.fromEntries(refusedSince),
  };
  const isGood = await isStorable(table, refusedTextsSchema, refusedTextsKey, data);
  if (isGood) await table.put({ ...refusedTextsKey, data: JSON.stringify(data) });
}

function holdsEachOnce(
  { refused, accepted, open }: Pick<KnownTexts, 'refused' | 'accepted' | 'open'>,
  all: readonly string[],
): boolean {
  const held = [...refused.map(({ id }) => id), ...accepted.flat(), ...open.flat()];
  return held.length === all.length && new Set([...held, ...all]).size === all.length;
}

const retreatsKey = { pk: 'state', sk: 'retreats' };

const retreatSchema = z.object({
  widthSeconds: z.int().check(z.minimum(1)),
  alone: z.boolean(),
  step: z.enum(retreatSteps),
  untilEpochMs: z.int(),
});

const retreatsSchema = z.record(z.string(), retreatSchema);
const retreatsItemSchema = z.object({ data: z.record(z.string(), z.unknown()) });

/**
 * How carefully to read which lanes, as earlier runs have stored it.
 *
 * An item that cannot be read is set aside; an entry that cannot be read is left out. At worst
 * another run is killed, after which the entry is written again.
 */
export async function loadRetreats(table: LedgerTable): Promise<Retreats> {
  const item = await table.get(retreatsKey);
  if (item === undefined) return new Map();
  const read = await readItem(table, retreatsItemSchema, item, { keyOf: () => retreatsKey });
  return new Map(
    Object.entries(read?.data ?? {}).flatMap(([key, value]) => {
      const entry = retreatSchema.safeParse(value);
      return entry.success ? [[key, entry.data] as const] : [];
    }),
  );
}

export async function saveRetreats(table: LedgerTable, retreats: Retreats): Promise<void> {
  const data = Object.fromEntries(retreats);
  const isGood = await isStorable(table, retreatsSchema, retreatsKey, data);
  if (isGood) await table.put({ ...retreatsKey, data: JSON.stringify(data) });
}
