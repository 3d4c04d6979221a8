import * as z from 'zod/mini';
import type { LedgerKey } from './ledger-schema.ts';
import { epochMsSchema } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';

/** A log stream whose latest lines may still be joined by further ones. */
const openStreamSchema = z.object({
  logGroup: z.string(),
  streamId: z.string(),
  /** Event time of the first line that further ones may be of one change with. */
  fromEpochMs: epochMsSchema,
  /** Once everything up to this event time is read, nothing is pending any more. */
  untilEpochMs: epochMsSchema,
  /**
   * The event time up to which it was derived that nothing is pending any more. It can be deleted when
   * the log group's position is there, and not before, since the slice may have to be done again.
   */
  resolvedEpochMs: z.optional(epochMsSchema),
  /** The event time up to which it was derived. */
  derivedEpochMs: epochMsSchema,
  /** Where its lines began before that. */
  formerFromEpochMs: epochMsSchema,
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

/**
 * The streams of a log group that have pending lines. One that cannot be read is set aside and begun
 * again at the given event time: every pending command there has a line after it.
 */
export async function loadOpenStreams(
  table: LedgerTable,
  logGroup: string,
  restartEpochMs: number,
): Promise<OpenStream[]> {
  const items = await table.query(partitionOf(logGroup), { beginsWith: streamPrefix });
  const streams: OpenStream[] = [];
  for (const item of items) {
    const read = await readItem(table, openStreamSchema, item, { keyOf });
    const stream = read ?? restarted(item, logGroup, restartEpochMs);
    if (stream === undefined) continue;
    if (read === undefined) await saveOpenStream(table, stream);
    streams.push(stream);
  }
  return streams;
}

function restarted(
  { sk }: LedgerKey,
  logGroup: string,
  restartEpochMs: number,
): OpenStream | undefined {
  const streamId = sk.slice(streamPrefix.length);
  if (!/^[0-9a-f]{32}$/.test(streamId)) return undefined;
  const at = restartEpochMs;
  return {
    ...{ logGroup, streamId, fromEpochMs: at, untilEpochMs: at },
    ...{ derivedEpochMs: at, formerFromEpochMs: at },
  };
}

export async function saveOpenStream(table: LedgerTable, open: OpenStream): Promise<void> {
  const isGood = await isStorable(table, openStreamSchema, keyOf(open), open);
  if (isGood) await table.put({ ...keyOf(open), ...open });
}

export async function deleteOpenStream(table: LedgerTable, open: OpenStream): Promise<void> {
  await table.delete(keyOf(open));
}

function keyOf({ logGroup, streamId }: OpenStream): LedgerKey {
  return { pk: partitionOf(logGroup), sk: `${streamPrefix}${streamId}` };
}

const streamPrefix = 'stream#';

function partitionOf(logGroup: string): string {
  return `open#${logGroup}`;
}
