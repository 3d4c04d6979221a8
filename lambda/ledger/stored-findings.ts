import * as z from 'zod/mini';
import { inSteps } from '../common/retry.ts';
import { type FindingPlace, waitingFindingOf } from '../findings/finding-actor.ts';
import { type FindingRecord, storedFindingSchema } from '../findings/finding-record.ts';
import { findingSchema } from '../model/finding.ts';
import { sideDestinations } from '../plan/runtime-config.ts';
import { entryOf, type ListedEntry, listApproved, listedItemSchema } from './approved-findings.ts';
import {
  expiryAfter,
  type LedgerKey,
  rulesOf,
  timeKey,
  type UncheckedItem,
} from './ledger-schema.ts';
import { isRefusedItem, type LedgerItem, type LedgerTable } from './ledger-table.ts';
import { noteQuarantined, readItem, readItems } from './quarantine.ts';
import { streamPartition } from './seen-events.ts';

/** More writes than any finding gets, and far from what a number can count. */
const revisionMax = 1_000_000_000;

/** A stored finding with its attributes. */
export const findingItemSchema = z.object({
  revision: z.int().check(z.minimum(1), z.maximum(revisionMax)),
  data: storedFindingSchema,
});

/** Who is still to get a finding: people, by the topic, the event bus, or the chat. */
const destinations = ['people', ...sideDestinations] as const;

export type Destination = (typeof destinations)[number];

/** The list of the findings that wait for each. */
const pendingPartitions: Readonly<Record<Destination, string>> = {
  people: 'pending',
  bus: 'pending-bus',
  chat: 'pending-chat',
};

/** Another invocation wrote the item first, so this one must have outlived its lease. */
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

/** The finding at a place; undefined when there is none yet. */
export async function findFinding(
  table: LedgerTable,
  {
    streamId,
    anchorEpochMs,
    finding,
  }: Pick<FindingRecord, 'streamId' | 'anchorEpochMs'> & {
    readonly finding: Pick<FindingRecord['finding'], 'id'>;
  },
): Promise<FindingRecord | undefined> {
  const item = await table.get(findingKey(streamId, anchorEpochMs, finding.id));
  return item === undefined ? undefined : readRecord(table, item);
}

/**
 * Writes a finding if it has not changed since it was read.
 *
 * A finding that waits for its notification, or for its event, is first put on the list of those. An entry
 * without its finding, or for one that was notified already, does no harm; a finding that waits
 * without an entry would never be notified.
 *
 * @param by the delivery that writes it, which has read it by its entry: it touches no other list
 * @returns the record as it was written; the given one when the ledger does not accept it
 * @throws LedgerConflictError when another invocation has written it since
 */
export async function saveFinding(
  table: LedgerTable,
  record: FindingRecord,
  { by }: { readonly by?: Destination } = {},
): Promise<FindingRecord> {
  const waitsFor = destinationsOf(record);
  if (by === undefined) await savePendingItems(table, record);
  await listApproved(table, record);
  const saved = await writeShortened(table, { ...record, revision: record.revision + 1 });
  if (saved === undefined) return record;
  // A new finding that does not wait was never on a list.
  if (record.revision === 0) return saved;
  for (const list of by === undefined ? destinations : [by]) {
    const isDone =
      list === 'people' ? !waitsFor.includes('people') : record[list]?.status === 'sent';
    if (isDone) await table.delete(pendingKey(list, record.finding.id));
  }
  return saved;
}

/** Writes the list entries of a finding again, in case they were lost. */
export async function keepOnList(table: LedgerTable, record: FindingRecord): Promise<void> {
  await savePendingItems(table, record);
  await listApproved(table, record);
}

/**
 * How many lines of evidence are stored when DynamoDB refuses a finding, one attempt after the
 * other.
 */
const evidenceOfRefused = [20, 2, 0];
const refusedMessageMax = 256;

/**
 * Writes a finding, with less evidence if DynamoDB refuses it. One that cannot be stored at all is
 * quarantined and reported, and does not stop the others.
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
      if (await table.putIf(itemOf(tried, table.retentionDays), condition)) return tried;
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

/**
 * Removes evidence and optional facts that break a rule, so that the change itself is still
 * reported.
 */
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

/**
 * The list of findings that wait for a destination, including those whose publish is under way, page by
 * page. It is ordered by id, so all of it has to be read to find the worst.
 *
 * @param from where to begin, as a fraction of the list; it ends where it began
 * @throws the call's own error, or DeadlineError
 */
export async function* pendingPages(
  table: LedgerTable,
  destination: Destination,
  from = 0,
): AsyncGenerator<ListedEntry[]> {
  const start = `finding#${Math.floor(from * 0xffff_ffff)
    .toString(16)
    .padStart(8, '0')}`;
  const ranges = [
    { from: start, to: 'finding#~' },
    { from: 'finding#', to: start },
  ];
  for (const range of ranges) {
    for await (const page of table.pages(pendingPartitions[destination], range)) {
      const items = await readItems(table, listedItemSchema, page, {
        keyOf: ({ findingId }) => pendingKey(destination, findingId),
      });
      yield items.map(entryOf);
    }
  }
}

/**
 * A finding on the list of a destination; undefined when it no longer waits for it, or cannot be read
 * and was set aside. Then its entry is deleted: an invocation that died between two writes may have
 * left it.
 */
export async function loadPendingFinding(
  table: LedgerTable,
  destination: Destination,
  { streamId, anchorEpochMs, findingId }: FindingPlace,
): Promise<FindingRecord | undefined> {
  const item = await table.get(findingKey(streamId, anchorEpochMs, findingId));
  const record = item === undefined ? undefined : await readRecord(table, item);
  if (record !== undefined && destinationsOf(record).includes(destination)) return record;
  // A version that does not know the destination has written the finding again: only the entry says so.
  const isForgotten =
    destination !== 'people' &&
    record?.[destination] === undefined &&
    record?.delivery.status !== 'withheld';
  if (record !== undefined && isForgotten) return record;
  await table.delete(pendingKey(destination, findingId));
  return undefined;
}

/** Who is still to get a finding. */
function destinationsOf(record: FindingRecord): readonly Destination[] {
  const { status } = record.delivery;
  return [
    ...(status === 'pending' || status === 'claimed' ? (['people'] as const) : []),
    ...sideDestinations.filter((side) => record[side]?.status === 'pending'),
  ];
}

async function readRecord(
  table: LedgerTable,
  item: UncheckedItem,
): Promise<FindingRecord | undefined> {
  const read = await readItem(table, findingItemSchema, item, {
    keyOf: ({ data: { streamId, anchorEpochMs, finding } }) =>
      findingKey(streamId, anchorEpochMs, finding.id),
  });
  return read && { ...read.data, revision: read.revision };
}

/** @param keepDays how long it is stored; one that waits for its notification does not expire */
function itemOf({ revision, ...record }: FindingRecord, keepDays: number): LedgerItem {
  const lastEpochMs = Date.parse(record.finding.lastSeen);
  return {
    ...findingKey(record.streamId, record.anchorEpochMs, record.finding.id),
    revision,
    data: JSON.stringify(record),
    ...(destinationsOf({ revision, ...record }).length === 0 && {
      expiresAt: expiryAfter(lastEpochMs, keepDays),
    }),
  };
}

function findingKey(streamId: string, anchorEpochMs: number, findingId: string): LedgerKey {
  return {
    pk: streamPartition(streamId),
    sk: `finding#${timeKey(anchorEpochMs)}#${findingId}`,
  };
}

/**
 * Writes an entry on the list of each destination that a finding waits for, without the parts of its order
 * that could not be read back.
 */
async function savePendingItems(table: LedgerTable, record: FindingRecord): Promise<void> {
  for (const destination of destinationsOf(record)) {
    const key = pendingKey(destination, record.finding.id);
    const waiting = waitingFindingOf(record);
    const { data, error } = listedItemSchema.safeParse(waiting);
    if (error === undefined) await table.put({ ...key, ...data });
    else await noteQuarantined(table, key, `not stored: ${rulesOf(error, waiting)}`);
  }
}

function pendingKey(destination: Destination, findingId: string): LedgerKey {
  return { pk: pendingPartitions[destination], sk: `finding#${findingId}` };
}
