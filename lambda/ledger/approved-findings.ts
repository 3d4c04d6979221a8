import * as z from 'zod/mini';
import type { FindingRecord } from '../findings/finding-record.ts';
import { waitingFindingOf } from '../findings/waiting-finding.ts';
import type { LedgerKey } from './ledger-schema.ts';
import { epochMsSchema, expiryAfter, rulesOf, timeKey } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { entryOf, type ListedEntry, listedItemSchema } from './listed-findings.ts';
import { noteQuarantined, readItems } from './quarantine.ts';

/** The name in ledgers since version 3. */
const partition = 'silenced';
/** As long as the findings themselves. */
const keepDays = 400;

const itemSchema = z.object({ ...listedItemSchema.shape, dayEpochMs: epochMsSchema });

/** An entry for an approved finding on the list of its day. */
export interface ApprovedEntry {
  readonly dayEpochMs: number;
  readonly entry: ListedEntry;
}

/**
 * Puts an approved finding on the list of its day, before the finding itself is written: an entry
 * without its finding, or whose finding belongs to another day, is ignored.
 */
export async function listApproved(table: LedgerTable, record: FindingRecord): Promise<void> {
  if (record.silenced === undefined) return;
  const { dayEpochMs } = record.silenced;
  const key = approvedKey(dayEpochMs, record.finding.id);
  const listed = { ...waitingFindingOf(record), dayEpochMs };
  const { data, error } = itemSchema.safeParse(listed);
  if (error === undefined) {
    await table.put({ ...key, ...data, expiresAt: expiryAfter(dayEpochMs, keepDays) });
  } else {
    await noteQuarantined(table, key, `not stored: ${rulesOf(error, listed)}`);
  }
}

/**
 * The approved findings of some days, in the order of the days, page by page.
 *
 * @param span beginnings of UTC days; the day of `toEpochMs` is not included
 * @throws the call's own error, or DeadlineError
 */
export async function* approvedPages(
  table: LedgerTable,
  { fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number },
): AsyncGenerator<ApprovedEntry[]> {
  const range = { from: dayKey(fromEpochMs), to: dayKey(toEpochMs) };
  for await (const page of table.pages(partition, range)) {
    const items = await readItems(table, itemSchema, page, {
      keyOf: ({ dayEpochMs, findingId }) => approvedKey(dayEpochMs, findingId),
    });
    yield items.map(({ dayEpochMs, ...item }) => ({ dayEpochMs, entry: entryOf(item) }));
  }
}

function approvedKey(dayEpochMs: number, findingId: string): LedgerKey {
  return { pk: partition, sk: `${dayKey(dayEpochMs)}${findingId}` };
}

function dayKey(dayEpochMs: number): string {
  return `day#${timeKey(dayEpochMs)}#`;
}
