import * as z from 'zod/mini';
import { parseItem } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';

const groupStateSchema = z.object({
  /** Why the log group was blind; null when it was covered. */
  cause: z.nullable(z.string()),
  /** The first tick that found it so. */
  sinceTickEpochMs: z.int(),
});

export type GroupState = Readonly<z.infer<typeof groupStateSchema>>;

/** What the monitor remembers about itself from tick to tick. */
const monitorStateSchema = z.object({
  /** The latest tick whose work was done; absent before the first. */
  lastTickEpochMs: z.optional(z.int()),
  /** The slice that fits into one invocation, as far as was seen; absent while the whole slice fits. */
  sliceMinutes: z.optional(z.number()),
  /** By log group, the coverage that was reported last. */
  groups: z.record(z.string(), groupStateSchema),
  /** The last count of incoming events. */
  incoming: z.optional(
    z.object({
      countedTickEpochMs: z.int(),
      /** By log group; absent when they could not be counted. */
      counts: z.optional(z.record(z.string(), z.number())),
      reason: z.optional(z.string()),
    }),
  ),
});

export type MonitorState = Readonly<z.infer<typeof monitorStateSchema>>;

const stateKey = { pk: 'state', sk: 'state' };

const itemSchema = z.object({ data: monitorStateSchema });

export async function loadMonitorState(table: LedgerTable): Promise<MonitorState> {
  const item = await table.get(stateKey);
  return item === undefined ? { groups: {} } : parseItem(itemSchema, item).data;
}

export async function saveMonitorState(table: LedgerTable, state: MonitorState): Promise<void> {
  await table.put({ ...stateKey, data: JSON.stringify(state) });
}
