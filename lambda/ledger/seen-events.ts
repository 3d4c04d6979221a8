import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type ObservedEvent, observedEventSchema } from '../findings/signal.ts';
import { expiryAfter, parseItem, timeKey } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';

const itemSchema = z.object({ data: observedEventSchema });

/** How a log stream is known in the ledger: a hash, since stream names can be longer than a key. */
export function streamIdOf({ logGroup, logStream }: Pick<ObservedEvent, 'logGroup' | 'logStream'>) {
  return createHash('sha256')
    .update(JSON.stringify([logGroup, logStream]))
    .digest('hex')
    .slice(0, 32);
}

export function streamPartition(streamId: string): string {
  return `stream#${streamId}`;
}

/** The events of a stream that were seen, of a span of event time (both ends included). */
export async function loadSeenEvents(
  table: LedgerTable,
  streamId: string,
  { fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number },
): Promise<ObservedEvent[]> {
  const items = await table.query(streamPartition(streamId), {
    from: `event#${timeKey(fromEpochMs)}`,
    // Behind every key of the last millisecond: keys are hexadecimal digits.
    to: `event#${timeKey(toEpochMs)}#g`,
  });
  return items.map((item) => parseItem(itemSchema, item).data);
}

/** @param keepDays how long a sweep may still ask for them */
export async function saveSeenEvents(
  table: LedgerTable,
  events: readonly ObservedEvent[],
  { tickEpochMs, keepDays }: { readonly tickEpochMs: number; readonly keepDays: number },
): Promise<void> {
  await table.putAll(
    events.map(
      (event): LedgerItem => ({
        pk: streamPartition(streamIdOf(event)),
        sk: `event#${timeKey(event.timestamp)}#${event.key}`,
        data: JSON.stringify(event),
        expiresAt: expiryAfter(tickEpochMs, keepDays),
      }),
    ),
  );
}
