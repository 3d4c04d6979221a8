import * as z from 'zod/mini';
import { type Retreats, retreatSteps } from '../retreat.ts';
import { parseItem } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';

const retreatsKey = { pk: 'state', sk: 'retreats' };

const itemSchema = z.object({
  data: z.record(
    z.string(),
    z.object({
      widthSeconds: z.int().check(z.minimum(1)),
      alone: z.boolean(),
      step: z.enum(retreatSteps),
    }),
  ),
});

/** What the runs before have left for this one: how carefully to read which lanes. */
export async function loadRetreats(table: LedgerTable): Promise<Retreats> {
  const item = await table.get(retreatsKey);
  return new Map(item === undefined ? [] : Object.entries(parseItem(itemSchema, item).data));
}

export async function saveRetreats(table: LedgerTable, retreats: Retreats): Promise<void> {
  await table.put({ ...retreatsKey, data: JSON.stringify(Object.fromEntries(retreats)) });
}
