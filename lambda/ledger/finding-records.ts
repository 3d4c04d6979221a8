import * as z from 'zod/mini';
import { type Finding, findingSchema } from '../findings/finding.ts';
import { type FindingRecord, storedFindingSchema } from '../findings/finding-record.ts';
import { inSteps } from '../in-steps.ts';
import { epochMsSchema, expiryAfter, rulesOf, timeKey } from './ledger-schema.ts';
import {
  isRefusedItem,
  type LedgerItem,
  type LedgerKey,
  type LedgerTable,
  type UncheckedItem,
} from './ledger-table.ts';
import { noteQuarantined, readItem, readItems } from './quarantine.ts';
import { streamPartition } from './seen-events.ts';

/** More writes than any finding gets, and far from what a number can count. */
const revisionMax = 1_000_000_000;

const itemSchema = z.object({
  revision: z.int().check(z.minimum(1), z.maximum(revisionMax)),
  data: storedFindingSchema,
});

const keyCharactersMax = 200;

const pendingItemSchema = z.object({
  // Longer ones are no keys of DynamoDB.
  streamId: z.string().check(z.maxLength(keyCharactersMax)),
  anchorEpochMs: epochMsSchema,
  findingId: z.string().check(z.maxLength(keyCharactersMax)),
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
  const records = await inSteps(items, (item) => readRecord(table, item));
  return records.filter((record) => record !== undefined);
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
  return item === undefined ? undefined : readRecord(table, item);
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
  const saved = await writeShortened(table, { ...record, revision: record.revision + 1 });
  if (saved === undefined) return record;
  // One that is new and that nobody is to be told of was never on the list.
  if (!isWaiting && record.revision > 0) await table.delete(pendingKey(record));
  return saved;
}

/** Puts a finding that people are to be notified of on the list again, should its entry be lost. */
export async function keepOnList(table: LedgerTable, record: FindingRecord): Promise<void> {
  if (isToBeTold(record)) await table.put(pendingItem(record));
}

/** Lines of evidence of a finding that DynamoDB refuses, and then fewer. */
const evidenceOfRefused = [20, 2, 0];
const refusedMessageMax = 256;

/**
 * Writes a finding; one that DynamoDB refuses with less evidence. One that cannot be stored at all is
 * reported, and everything else goes on.
 *
 * @returns the record as it was written; undefined when it was not
 */
async function writeShortened(
  table: LedgerTable,
  record: FindingRecord,
): Promise<FindingRecord | undefined> {
  const { revision } = record;
  const key = findingKey(record.streamId, record.anchorEpochMs, record.finding.id);
  const condition = {
    expression: revision === 1 ? 'attribute_not_exists(pk)' : 'revision = :revision',
    ...(revision > 1 && { values: { ':revision': revision - 1 } }),
  };
  const read = storedFindingSchema.safeParse(record);
  const storable = read.data ?? storedFindingSchema.safeParse(withoutWhatBreaksRules(record)).data;
  if (storable === undefined) {
    const problem = read.error === undefined ? '' : rulesOf(read.error, record);
    await noteQuarantined(table, key, `not stored: ${problem}`);
    return undefined;
  }
  for (const lines of [Number.POSITIVE_INFINITY, ...evidenceOfRefused]) {
    const tried = { ...withLessEvidence(storable, lines), revision };
    try {
      if (await table.putIf(itemOf(tried), condition)) return tried;
    } catch (error) {
      if (isRefusedItem(error)) continue;
      throw error;
    }
    throw new LedgerConflictError(`finding ${record.finding.id} was written by another invocation`);
  }
  await noteQuarantined(table, key, 'not stored: DynamoDB refuses it');
  return undefined;
}

type StoredFinding = Omit<FindingRecord, 'revision'>;

function withLessEvidence(record: StoredFinding, lines: number): StoredFinding {
  const { finding } = record;
  if (finding.evidence.length <= lines) return record;
  const evidence = [
    ...finding.evidence.slice(0, Math.ceil(lines / 2)),
    ...finding.evidence.slice(finding.evidence.length - Math.floor(lines / 2)),
  ].map((event) => ({ ...event, message: event.message.slice(0, refusedMessageMax) }));
  return { ...record, finding: { ...finding, evidence } };
}

/** Without lines of evidence and optional facts that break a rule: the change itself is still told. */
function withoutWhatBreaksRules(record: FindingRecord): unknown {
  const { finding } = record;
  const { evidence, actor, attack, target, role, links } = findingSchema.shape;
  const { airflow } = links.shape;
  const isGood = (schema: z.ZodMiniType, value: unknown) => schema.safeParse(value).success;
  return {
    ...record,
    finding: {
      ...finding,
      actor: isGood(actor, finding.actor) ? finding.actor : {},
      attack: isGood(attack, finding.attack) ? finding.attack : [],
      target: isGood(target, finding.target) ? finding.target : undefined,
      role: isGood(role, finding.role) ? finding.role : undefined,
      evidence: finding.evidence.filter((event) => isGood(evidence, [event])),
      links: {
        ...finding.links,
        airflow: isGood(airflow, finding.links.airflow) ? finding.links.airflow : undefined,
      },
    },
  };
}

/** All findings that people are to be told of, those included whose publish is under way. */
export async function loadPendingFindings(table: LedgerTable): Promise<FindingRecord[]> {
  const items = await table.query(pendingPartition, { beginsWith: 'finding#' });
  const pointers = await readItems(table, pendingItemSchema, items, {
    keyOf: ({ findingId: id }) => pendingKey({ finding: { id } }),
  });
  const records = await inSteps(pointers, async ({ streamId, anchorEpochMs, findingId }) => {
    const item = await table.get(findingKey(streamId, anchorEpochMs, findingId));
    const record = item === undefined ? undefined : await readRecord(table, item);
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

async function readRecord(
  table: LedgerTable,
  item: UncheckedItem,
): Promise<FindingRecord | undefined> {
  const read = await readItem(table, itemSchema, item, {
    keyOf: ({ data: { streamId, anchorEpochMs, finding } }) =>
      findingKey(streamId, anchorEpochMs, finding.id),
  });
  return read && { ...read.data, revision: read.revision };
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

function findingKey(streamId: string, anchorEpochMs: number, findingId: string): LedgerKey {
  return {
    pk: streamPartition(streamId),
    sk: `finding#${timeKey(anchorEpochMs)}#${findingId}`,
  };
}

function pendingItem({ streamId, anchorEpochMs, finding }: FindingRecord): LedgerItem {
  return { ...pendingKey({ finding }), streamId, anchorEpochMs, findingId: finding.id };
}

function pendingKey({ finding }: { readonly finding: Pick<Finding, 'id'> }): LedgerKey {
  return { pk: pendingPartition, sk: `finding#${finding.id}` };
}
