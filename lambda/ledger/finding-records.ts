import * as z from 'zod/mini';
import { type FindingRecord, storedFindingSchema } from '../findings/finding-record.ts';
import { inSteps } from '../in-steps.ts';
import { expiryAfter, parseItem, timeKey } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';
import { streamPartition } from './seen-events.ts';

const itemSchema = z.object({ revision: z.int(), data: storedFindingSchema });

const pendingItemSchema = z.object({
  streamId: z.string(),
  anchorEpochMs: z.int(),
  findingId: z.string(),
});

const pendingPartition = 'pending';
/** Of a finding that nobody is to be told of any more; one that is pending stays until it is told. */
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
 * A finding that people are to be told of is put on the list of these first: one that is on it and
 * not there yet, or told already, is no harm; one that is there and not on it would never be told.
 *
 * @returns the record as it stands now
 * @throws LedgerConflictError when somebody else has written it since
 */
export async function saveFinding(
  table: LedgerTable,
  record: FindingRecord,
): Promise<FindingRecord> {
  const isWaiting = isToBeTold(record);
  if (isWaiting) await table.put(pendingItem(record));
  const saved = { ...record, revision: record.revision + 1 };
  const written = await table.putIf(itemOf(saved), {
    expression: record.revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :revision',
    ...(record.revision > 0 && { values: { ':revision': record.revision } }),
  });
  if (!written) {
    throw new LedgerConflictError(`finding ${record.finding.id} was written by another invocation`);
  }
  // One that is new and that nobody is to be told of was never on the list.
  if (!isWaiting && record.revision > 0) await table.delete(pendingKey(record));
  return saved;
}

/** All findings that people are to be told of, those included whose publish is under way. */
export async function loadPendingFindings(table: LedgerTable): Promise<FindingRecord[]> {
  const items = await table.query(pendingPartition, { beginsWith: 'finding#' });
  const pointers = items.map((item) => parseItem(pendingItemSchema, item));
  const records = await inSteps(pointers, async ({ streamId, anchorEpochMs, findingId }) => {
    const item = await table.get(findingKey(streamId, anchorEpochMs, findingId));
    const record = item === undefined ? undefined : recordOf(item);
    if (record !== undefined && isToBeTold(record)) return record;
    // Left behind by an invocation that ended between two writes.
    await table.delete({ pk: pendingPartition, sk: `finding#${findingId}` });
    return undefined;
  });
  return records.filter((record) => record !== undefined);
}

function isToBeTold({ delivery: { status } }: FindingRecord): boolean {
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
    ...(!isToBeTold({ revision, ...record }) && { expiresAt: expiryAfter(lastEpochMs, keepDays) }),
  };
}

function findingKey(streamId: string, anchorEpochMs: number, findingId: string) {
  return {
    pk: streamPartition(streamId),
    sk: `finding#${timeKey(anchorEpochMs)}#${findingId}`,
  };
}

function pendingItem({ streamId, anchorEpochMs, finding }: FindingRecord): LedgerItem {
  return { ...pendingKey({ finding }), streamId, anchorEpochMs, findingId: finding.id };
}

function pendingKey({ finding }: Pick<FindingRecord, 'finding'>) {
  return { pk: pendingPartition, sk: `finding#${finding.id}` };
}
