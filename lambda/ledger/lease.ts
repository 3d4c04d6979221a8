import * as z from 'zod/mini';
import { checkedForWriting, ledgerSchemaVersion } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { readItem } from './quarantine.ts';

const leaseKey = { pk: 'lease', sk: 'lease' };

const itemSchema = z.object({ holder: z.string(), untilEpochMs: z.number() });

/**
 * An invocation lasts 15 minutes at most, and clocks differ by seconds: a longer lease is not
 * valid.
 */
const leaseMaxMs = 20 * 60_000;

/**
 * Takes the lease on the ledger, which one invocation holds at a time.
 *
 * Conditional writes already keep each item consistent. The lease prevents two invocations from
 * reading the halves of one change from two slices at the same moment and making two findings of
 * it.
 *
 * A lease that cannot be read, or that would last longer than any invocation, is set aside and
 * taken.
 *
 * @param untilEpochMs when Lambda has certainly ended this invocation: the lease is free from then
 *   on, even if it was not returned
 * @returns whether it was free
 * @throws LedgerVersionError when a later version of the monitor wrote the ledger
 */
export async function takeLease(
  table: LedgerTable,
  holder: string,
  times: { readonly nowEpochMs: number; readonly untilEpochMs: number },
): Promise<boolean> {
  if (await putLease(table, holder, times)) return true;
  const held = await readLease(table, times.nowEpochMs);
  return held === undefined && putLease(table, holder, times);
}

function putLease(
  table: LedgerTable,
  holder: string,
  { nowEpochMs, untilEpochMs }: { readonly nowEpochMs: number; readonly untilEpochMs: number },
): Promise<boolean> {
  return table.putIf(
    { ...leaseKey, ...checkedForWriting(itemSchema, leaseKey, { holder, untilEpochMs }) },
    {
      expression: 'attribute_not_exists(pk) OR (untilEpochMs < :now AND #schema <= :schema)',
      values: { ':now': nowEpochMs, ':schema': ledgerSchemaVersion },
      // DynamoDB reserves the word `schema`.
      names: { '#schema': 'schema' },
    },
  );
}

/** Who holds the lease and until when; undefined when there is none, or it cannot be read. */
async function readLease(table: LedgerTable, nowEpochMs: number) {
  const held = await table.get(leaseKey);
  if (held === undefined) return undefined;
  return readItem(table, itemSchema, held, {
    keyOf: () => leaseKey,
    doubt: ({ untilEpochMs }) =>
      untilEpochMs > nowEpochMs + leaseMaxMs ? 'it lasts longer than any run' : undefined,
    isVersionGuard: true,
  });
}

/**
 * Whether an invocation has ended without returning its lease: it was killed at its time limit, or
 * for lack of memory.
 */
export async function wasLeftBehind(table: LedgerTable, nowEpochMs: number): Promise<boolean> {
  const held = await readLease(table, nowEpochMs);
  return held !== undefined && held.untilEpochMs < nowEpochMs;
}

/** Returns the lease, unless it has expired and belongs to another invocation now. */
export async function returnLease(table: LedgerTable, holder: string): Promise<void> {
  await table.deleteIf(leaseKey, {
    expression: 'holder = :holder',
    values: { ':holder': holder },
  });
}
