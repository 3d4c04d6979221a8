import * as z from 'zod/mini';
import { parseItem } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';

/** What the monitor remembers of itself from tick to tick. */
export interface MonitorState {
  /** The latest tick whose work was done; absent before the first. */
  readonly lastTickEpochMs?: number | undefined;
  /**
   * How much of a log group the time of an invocation suffices for, as far as it was seen; absent while
   * it suffices for all.
   */
  readonly sliceMinutes?: number | undefined;
  /** What people were told last: by log group, why it was blind; null when it was covered. */
  readonly groups: Readonly<Record<string, GroupState>>;
  /** What came in, as it was counted last. */
  readonly incoming?: IncomingState | undefined;
}

export interface GroupState {
  readonly cause: string | null;
  /** The tick that found it so first. */
  readonly sinceTickEpochMs: number;
}

interface IncomingState {
  readonly countedTickEpochMs: number;
  /** By log group; absent when it could not be told. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
  readonly reason?: string | undefined;
}

const stateKey = { pk: 'state', sk: 'state' };

const itemSchema = z.object({
  data: z.strictObject({
    lastTickEpochMs: z.optional(z.int()),
    sliceMinutes: z.optional(z.number()),
    groups: z.record(
      z.string(),
      z.strictObject({ cause: z.nullable(z.string()), sinceTickEpochMs: z.int() }),
    ),
    incoming: z.optional(
      z.strictObject({
        countedTickEpochMs: z.int(),
        counts: z.optional(z.record(z.string(), z.number())),
        reason: z.optional(z.string()),
      }),
    ),
  }),
});

export async function loadMonitorState(table: LedgerTable): Promise<MonitorState> {
  const item = await table.get(stateKey);
  return item === undefined ? { groups: {} } : parseItem(itemSchema, item).data;
}

export async function saveMonitorState(table: LedgerTable, state: MonitorState): Promise<void> {
  await table.put({ ...stateKey, data: JSON.stringify(state) });
}
