import * as z from 'zod/mini';
import type { FindingRecord } from '../findings/finding-record.ts';
import { waitingFindingOf } from '../findings/waiting-finding.ts';
import type { LedgerKey } from './ledger-schema.ts';
import { epochMsSchema, expiryAfter, rulesOf, timeKey } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { entryOf, type ListedEntry, listedItemSchema } from './listed-findings.ts';
import { noteQuarantined, readItems } from './quarantine.ts';

/** As ledgers hold it since version 3. */
const partition = 'silenced';
/** As long as the findings themselves. */
const keepDays = 400;

const itemSchema = z.object({ ...listedItemSchema.shape, dayEpochMs: epochMsSchema });

/** A finding that was approved, on the list of its day. */
export interface ApprovedEntry {
  readonly dayEpochMs: number;
  readonly entry: ListedEntry;
}

/**
 * Puts a finding that was approved on the list of its day, before the finding itself is written:
 * an entry without its finding, or of one that is listed on another day, counts for nothing.
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
 * What was approved on the days of a span, in the order of the days, page by page.
 *
 * @param span begins of UTC days; that of `toEpochMs` is not among them
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
