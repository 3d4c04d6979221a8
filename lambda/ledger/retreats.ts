import * as z from 'zod/mini';
import { type Retreats, retreatSteps } from '../model/retreat.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';

const retreatsKey = { pk: 'state', sk: 'retreats' };

const retreatSchema = z.object({
  widthSeconds: z.int().check(z.minimum(1)),
  alone: z.boolean(),
  step: z.enum(retreatSteps),
  untilEpochMs: z.int(),
});

const itemSchema = z.object({ data: z.record(z.string(), z.unknown()) });

/**
 * How carefully to read which lanes, as earlier runs have stored it.
 *
 * An item that cannot be read is set aside; an entry that cannot be read is left out. At worst
 * another run is killed, after which the entry is written again.
 */
export async function loadRetreats(table: LedgerTable): Promise<Retreats> {
  const item = await table.get(retreatsKey);
  if (item === undefined) return new Map();
  const read = await readItem(table, itemSchema, item, { keyOf: () => retreatsKey });
  return new Map(
    Object.entries(read?.data ?? {}).flatMap(([key, value]) => {
      const entry = retreatSchema.safeParse(value);
      return entry.success ? [[key, entry.data] as const] : [];
    }),
  );
}

export async function saveRetreats(table: LedgerTable, retreats: Retreats): Promise<void> {
  const data = Object.fromEntries(retreats);
  const isGood = await isStorable(table, z.record(z.string(), retreatSchema), retreatsKey, data);
  if (isGood) await table.put({ ...retreatsKey, data: JSON.stringify(data) });
}
