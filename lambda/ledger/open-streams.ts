import * as z from 'zod/mini';
import type { LedgerKey } from './ledger-schema.ts';
import { epochMsSchema } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';

/** A log stream whose latest lines may still belong to a change with later ones. */
const openStreamSchema = z.object({
  logGroup: z.string(),
  streamId: z.string(),
  /** Event time of the first line that may belong to one change with later lines. */
  fromEpochMs: epochMsSchema,
  /** Event time up to which to read until nothing is pending any more. */
  untilEpochMs: epochMsSchema,
  /**
   * The event time at which deriving found nothing pending any more. The item can be deleted when
   * the log group's position reaches this time, not before, since the slice may have to be
   * repeated.
   */
  resolvedEpochMs: z.optional(epochMsSchema),
  /** The event time up to which its changes are derived. */
  derivedEpochMs: epochMsSchema,
  /** The value of `fromEpochMs` before that derivation. */
  formerFromEpochMs: epochMsSchema,
});

export type OpenStream = Readonly<z.infer<typeof openStreamSchema>>;

/**
 * Event time of the first line that may belong to one change with lines after a position. For a
 * slice that is repeated, this is where they began the first time: the findings of that time count
 * in it.
 */
export function firstLineOf(
  { fromEpochMs, formerFromEpochMs, derivedEpochMs }: OpenStream,
  positionEpochMs: number,
): number {
  return positionEpochMs < derivedEpochMs ? Math.min(fromEpochMs, formerFromEpochMs) : fromEpochMs;
}

/**
 * The streams of a log group that have pending lines. One that cannot be read is set aside and
 * restarts at the given event time: every pending command of it has a line after that.
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
