import * as z from 'zod/mini';
import { severitySchema } from '../findings/finding.ts';
import { findingSources } from '../findings/finding-actor.ts';
import { type FindingRecord, storedFindingSchema } from '../findings/finding-record.ts';
import {
  type FindingPlace,
  type WaitingFinding,
  waitingFindingOf,
} from '../findings/waiting-finding.ts';
import { expiryAfter, parseItem, timeKey } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable, UncheckedItem } from './ledger-table.ts';
import { streamPartition } from './seen-events.ts';

const itemSchema = z.object({ revision: z.int(), data: storedFindingSchema });

/**
 * An entry of the list of findings that people are to be notified of: where the finding is, and what
 * decides its place in the order. An entry of an earlier version has only the former, and one whose
 * order cannot be read is as good as one of these.
 */
const pendingItemSchema = z.object({
  streamId: z.string(),
  anchorEpochMs: z.int(),
  findingId: z.string(),
  severity: z.catch(z.optional(severitySchema), undefined),
  source: z.catch(z.optional(z.enum(findingSources)), undefined),
  actorKey: z.catch(z.optional(z.string().check(z.regex(/^[0-9a-f]{16}$/))), undefined),
  firstSeenEpochMs: z.catch(z.optional(z.number()), undefined),
  waitingSinceEpochMs: z.catch(z.optional(z.number()), undefined),
  initial: z.catch(z.optional(z.boolean()), undefined),
});

const pendingPartition = 'pending';
/** How long a finding is kept that nobody waits for; a pending one is kept until it is notified. */
const keepDays = 400;

/** Another writer was faster, which the lease does not allow: this invocation has outlived its own. */
export class LedgerConflictError extends Error {
  override readonly name = 'LedgerConflictError';
}

/** The findings of a stream whose anchors lie in a span of event time (both ends included). */
export async function loadFindings(
  table: LedgerTable,
  streamId: string,
  { fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number },
): Promise<FindingRecord[]> {
  const items = await table.query(streamPartition(streamId), {
    from: `finding#${timeKey(fromEpochMs)}`,
    to: `finding#${timeKey(toEpochMs)}#g`,
  });
  return items.map(recordOf);
}

/** A finding by where it stands; undefined when there is none yet. */
export async function findFinding(
  table: LedgerTable,
  {
    streamId,
    anchorEpochMs,
    finding,
  }: Pick<FindingRecord, 'streamId' | 'anchorEpochMs' | 'finding'>,
): Promise<FindingRecord | undefined> {
  const item = await table.get(findingKey(streamId, anchorEpochMs, finding.id));
  return item === undefined ? undefined : recordOf(item);
}

/**
 * Writes a finding if it still is what was read.
 *
 * A finding that people are to be notified of is first put on the list of these: an entry without its
 * finding, or of one that was notified already, does no harm; a finding that waits without an entry
 * would never be notified.
 *
 * @param isListed the finding was read by its entry on the list, which need not be written again
 * @returns the record as it is now
 * @throws LedgerConflictError when somebody else has written it since
 */
export async function saveFinding(
  table: LedgerTable,
  record: FindingRecord,
  { isListed = false }: { readonly isListed?: boolean } = {},
): Promise<FindingRecord> {
  const isWaiting = isToBeNotified(record);
  if (isWaiting && !isListed) await table.put(pendingItem(record));
  const saved = { ...record, revision: record.revision + 1 };
  const written = await table.putIf(itemOf(saved), {
    expression: record.revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :revision',
    ...(record.revision > 0 && { values: { ':revision': record.revision } }),
  });
  if (!written) {
    throw new LedgerConflictError(`finding ${record.finding.id} was written by another invocation`);
  }
  // One that is new and that nobody is to be notified of was never on the list.
  if (!isWaiting && record.revision > 0) await table.delete(pendingKey(record.finding.id));
  return saved;
}

/** One entry of the list: a finding that the plan knows, or the place of one that has to be read. */
export type PendingEntry =
  | { readonly finding: WaitingFinding }
  | { readonly place: FindingPlace }
  | { readonly error: unknown };

/**
 * The list of findings that people are to be notified of, those included whose publish is under way,
 * page by page. Its order is that of the ids, so all of it has to be read to know the worst.
 *
 * @param from where to begin, as a fraction of the list; it ends where it began
 * @throws the call's own error, or DeadlineError
 */
export async function* pendingPages(table: LedgerTable, from = 0): AsyncGenerator<PendingEntry[]> {
  const start = `finding#${Math.floor(from * 0xffff_ffff)
    .toString(16)
    .padStart(8, '0')}`;
  const ranges = [
    { from: start, to: 'finding#~' },
    { from: 'finding#', to: start },
  ];
  for (const range of ranges) {
    for await (const page of table.pages(pendingPartition, range)) yield page.map(entryOf);
  }
}

function entryOf(item: UncheckedItem): PendingEntry {
  try {
    const { streamId, anchorEpochMs, findingId, ...order } = parseItem(pendingItemSchema, item);
    const place = { streamId, anchorEpochMs, findingId };
    const { severity, source, actorKey, firstSeenEpochMs } = order;
    const isKnown =
      severity !== undefined &&
      source !== undefined &&
      actorKey !== undefined &&
      firstSeenEpochMs !== undefined;
    if (!isKnown) return { place };
    return {
      finding: {
        ...{ ...place, severity, source, actorKey, firstSeenEpochMs },
        waitingSinceEpochMs: order.waitingSinceEpochMs,
        initial: order.initial === true,
      },
    };
  } catch (error) {
    return { error };
  }
}

/**
 * A finding on the list; undefined when it is not to be notified any more, which takes it off the
 * list: an invocation that ended between two writes has left the entry.
 *
 * @throws InvalidInputError for an item that cannot be read
 */
export async function loadPendingFinding(
  table: LedgerTable,
  { streamId, anchorEpochMs, findingId }: FindingPlace,
): Promise<FindingRecord | undefined> {
  const item = await table.get(findingKey(streamId, anchorEpochMs, findingId));
  const record = item === undefined ? undefined : recordOf(item);
  if (record !== undefined && isToBeNotified(record)) return record;
  await table.delete(pendingKey(findingId));
  return undefined;
}

function isToBeNotified({ delivery: { status } }: FindingRecord): boolean {
  return status === 'pending' || status === 'claimed';
}

function recordOf(item: Parameters<typeof parseItem>[1]): FindingRecord {
  const { data, revision } = parseItem(itemSchema, item);
  return { ...data, revision };
}

function itemOf({ revision, ...record }: FindingRecord): LedgerItem {
  const lastEpochMs = Date.parse(record.finding.lastSeen);
  return {
    ...findingKey(record.streamId, record.anchorEpochMs, record.finding.id),
    revision,
    data: JSON.stringify(record),
    ...(!isToBeNotified({ revision, ...record }) && {
      expiresAt: expiryAfter(lastEpochMs, keepDays),
    }),
  };
}

function findingKey(streamId: string, anchorEpochMs: number, findingId: string) {
  return {
    pk: streamPartition(streamId),
    sk: `finding#${timeKey(anchorEpochMs)}#${findingId}`,
  };
}

function pendingItem(record: FindingRecord): LedgerItem {
  return { ...pendingKey(record.finding.id), ...waitingFindingOf(record) };
}

function pendingKey(findingId: string) {
  return { pk: pendingPartition, sk: `finding#${findingId}` };
}
