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
}

const itemSchema = z.object({
  logGroup: z.string(),
  streamId: z.string(),
  fromEpochMs: z.int(),
  untilEpochMs: z.int(),
});

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
