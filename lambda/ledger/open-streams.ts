import * as z from 'zod/mini';
import { parseItem } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';

/** A log stream whose latest lines may still be joined by further ones. */
export interface OpenStream {
  readonly logGroup: string;
  readonly streamId: string;
  /** Event time of the first line that further ones may be of one change with. */
  readonly fromEpochMs: number;
  /** Once all before and at this event time is read, nothing waits any more. */
  readonly untilEpochMs: number;
  /**
   * The event time up to which it was derived that nothing waits any more; it can go when the log
   * group's position is there, and not before, since the slice may have to be done again.
   */
  readonly resolvedEpochMs?: number | undefined;
  /** The event time up to which it was derived, and where its lines began before that. */
  readonly derivedEpochMs: number;
  readonly formerFromEpochMs: number;
}

const itemSchema = z.object({
  logGroup: z.string(),
  streamId: z.string(),
  fromEpochMs: z.int(),
  untilEpochMs: z.int(),
  resolvedEpochMs: z.optional(z.int()),
  derivedEpochMs: z.int(),
  formerFromEpochMs: z.int(),
});

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
  return items.map((item) => parseItem(itemSchema, item));
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
