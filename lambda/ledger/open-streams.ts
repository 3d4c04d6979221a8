import * as z from 'zod/mini';
import { parseItem } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';

/** A log stream whose latest lines may still be joined by further ones. */
const openStreamSchema = z.object({
  logGroup: z.string(),
  streamId: z.string(),
  /** Event time of the first line that further ones may be of one change with. */
  fromEpochMs: z.int(),
  /** Once everything up to this event time is read, nothing is pending any more. */
  untilEpochMs: z.int(),
  /**
   * The event time up to which it was derived that nothing is pending any more. It can be deleted when
   * the log group's position is there, and not before, since the slice may have to be done again.
   */
  resolvedEpochMs: z.optional(z.int()),
  /** The event time up to which it was derived. */
  derivedEpochMs: z.int(),
  /** Where its lines began before that. */
  formerFromEpochMs: z.int(),
});

export type OpenStream = Readonly<z.infer<typeof openStreamSchema>>;

/**
 * Where the lines begin that those behind a position may belong to. Of a slice that has to be done
 * again it is where they began when it was done first: its findings are among those that count in it.
 */
export function firstLineOf(
  { fromEpochMs, formerFromEpochMs, derivedEpochMs }: OpenStream,
  positionEpochMs: number,
): number {
  return positionEpochMs < derivedEpochMs ? Math.min(fromEpochMs, formerFromEpochMs) : fromEpochMs;
}

/** The streams of a log group that wait for something. */
export async function loadOpenStreams(table: LedgerTable, logGroup: string): Promise<OpenStream[]> {
  const items = await table.query(partitionOf(logGroup), { beginsWith: 'stream#' });
  return items.map((item) => parseItem(openStreamSchema, item));
}

export async function saveOpenStream(table: LedgerTable, open: OpenStream): Promise<void> {
  await table.put({ ...keyOf(open), ...open });
}

export async function deleteOpenStream(table: LedgerTable, open: OpenStream): Promise<void> {
  await table.delete(keyOf(open));
}

function keyOf({ logGroup, streamId }: OpenStream) {
  return { pk: partitionOf(logGroup), sk: `stream#${streamId}` };
}

function partitionOf(logGroup: string): string {
  return `open#${logGroup}`;
}
