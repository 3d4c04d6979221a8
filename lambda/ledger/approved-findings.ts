import * as z from 'zod/mini';
import {
  type FindingPlace,
  findingSources,
  type WaitingFinding,
  waitingFindingOf,
} from '../findings/finding-actor.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import { severitySchema } from '../model/finding.ts';
import { epochMsSchema, expiryAfter, type LedgerKey, rulesOf, timeKey } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { noteQuarantined, readItems } from './quarantine.ts';

const keyCharactersMax = 200;

/**
 * An entry of a list of findings: where the finding is, and what decides its order in the delivery.
 * An entry of version 1 has only the former; one whose order cannot be read is treated like it.
 */
export const listedItemSchema = z.object({
  // A longer text cannot be part of a key of the ledger.
  streamId: z.string().check(z.maxLength(keyCharactersMax)),
  anchorEpochMs: epochMsSchema,
  findingId: z.string().check(z.maxLength(keyCharactersMax)),
  severity: z.catch(z.optional(severitySchema), undefined),
  source: z.catch(z.optional(z.enum(findingSources)), undefined),
  actorKey: z.catch(z.optional(z.string().check(z.regex(/^[0-9a-f]{16}$/))), undefined),
  firstSeenEpochMs: z.catch(z.optional(epochMsSchema), undefined),
  waitingSinceEpochMs: z.catch(z.optional(epochMsSchema), undefined),
  initial: z.catch(z.optional(z.boolean()), undefined),
});

type ListedItem = z.infer<typeof listedItemSchema>;

/** One entry of a list: what the delivery plan needs of a finding, or the place to read it from. */
export type ListedEntry = { readonly finding: WaitingFinding } | { readonly place: FindingPlace };

export function entryOf({ streamId, anchorEpochMs, findingId, ...order }: ListedItem): ListedEntry {
  const place = { streamId, anchorEpochMs, findingId };
  const { severity, source, actorKey, firstSeenEpochMs, waitingSinceEpochMs, initial } = order;
  const isKnown =
    severity !== undefined &&
    source !== undefined &&
    actorKey !== undefined &&
    firstSeenEpochMs !== undefined;
  if (!isKnown) return { place };
  const times = { firstSeenEpochMs, waitingSinceEpochMs };
  return { finding: { ...place, severity, source, actorKey, ...times, initial: initial === true } };
}

/** The name in ledgers since version 3. */
const partition = 'silenced';

const itemSchema = z.object({ ...listedItemSchema.shape, dayEpochMs: epochMsSchema });

/** An entry for an approved finding on the list of its day. */
interface ApprovedEntry {
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
    await table.put({ ...key, ...data, expiresAt: expiryAfter(dayEpochMs, table.retentionDays) });
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
