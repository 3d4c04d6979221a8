import * as z from 'zod/mini';
import { higherSeverity, severityRank } from '../model/severity.ts';
import { type ObservedEvent, observedEventSchema } from '../model/signal.ts';
import { epochMsSchema, expiryAfter, type LedgerKey, rulesOf, timeKey } from './ledger-schema.ts';
import type { LedgerItem, LedgerTable } from './ledger-table.ts';
import { isStorable, noteQuarantined, readItem, readItems } from './quarantine.ts';
import { streamIdOf } from './stream-id.ts';

const itemSchema = z.object({ data: observedEventSchema });

export function streamPartition(streamId: string): string {
  return `stream#${streamId}`;
}

/** The stored events of a stream in a span of event time (both ends included). */
export async function loadSeenEvents(
  table: LedgerTable,
  streamId: string,
  { fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number },
): Promise<ObservedEvent[]> {
  const items = await table.query(streamPartition(streamId), {
    from: `event#${timeKey(fromEpochMs)}`,
    // After every key of the last millisecond: keys are hexadecimal digits.
    to: `event#${timeKey(toEpochMs)}#g`,
  });
  const read = await readItems(table, itemSchema, items, { keyOf: ({ data }) => keyOf(data) });
  return read.map(({ data }) => data);
}

function keyOf(event: ObservedEvent): LedgerKey {
  return {
    pk: streamPartition(streamIdOf(event)),
    sk: `event#${timeKey(event.timestamp)}#${event.key}`,
  };
}

/**
 * Stores events. One that DynamoDB refuses is stored with fewer signals; one that cannot be stored
 * at all is quarantined and reported, and the others are stored.
 *
 * @param keepDays how long a sweep may still need them
 */
export async function saveSeenEvents(
  table: LedgerTable,
  events: readonly ObservedEvent[],
  { tickEpochMs, keepDays }: { readonly tickEpochMs: number; readonly keepDays: number },
): Promise<void> {
  const itemOf = (event: ObservedEvent): LedgerItem => ({
    ...keyOf(event),
    data: JSON.stringify(event),
    expiresAt: expiryAfter(tickEpochMs, keepDays),
  });
  const writable: ObservedEvent[] = [];
  for (const event of events) {
    const { data, error } = observedEventSchema.safeParse(event);
    if (data !== undefined) writable.push(data);
    else await noteQuarantined(table, keyOf(event), `not stored: ${rulesOf(error, event)}`);
  }
  let refused = await table.putAll(writable.map(itemOf));
  for (const most of signalsOfRefused) {
    if (refused.length === 0) return;
    const keys = new Set(refused.map(({ sk }) => sk));
    const shorter = writable.filter((event) => keys.has(keyOf(event).sk));
    refused = await table.putAll(shorter.map((event) => itemOf(withFewerSignals(event, most))));
  }
  for (const item of refused) await noteQuarantined(table, item, 'not stored: DynamoDB refuses it');
}

/** How many signals are stored when DynamoDB refuses an event, one attempt after the other. */
const signalsOfRefused = [100, 10, 1];
const refusedMessageMax = 256;

/** The event with its worst signals; the others are counted. */
function withFewerSignals(event: ObservedEvent, most: number): ObservedEvent {
  const worstFirst = event.signals.toSorted(
    (a, b) => severityRank(b.severity) - severityRank(a.severity),
  );
  const left = worstFirst.slice(most);
  const severities = [...left, ...(event.omitted ? [event.omitted] : [])].map(
    ({ severity }) => severity,
  );
  const [first = 'info'] = severities;
  return {
    ...event,
    message: event.message.slice(0, refusedMessageMax).toWellFormed(),
    signals: worstFirst.slice(0, most),
    ...(severities.length > 0 && {
      omitted: {
        count: left.length + (event.omitted?.count ?? 0),
        severity: severities.reduce((a, b) => higherSeverity(a, b), first),
      },
    }),
  };
}

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
    const read = await readItem(table, openStreamSchema, item, { keyOf: openStreamKey });
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
  const isGood = await isStorable(table, openStreamSchema, openStreamKey(open), open);
  if (isGood) await table.put({ ...openStreamKey(open), ...open });
}

export async function deleteOpenStream(table: LedgerTable, open: OpenStream): Promise<void> {
  await table.delete(openStreamKey(open));
}

function openStreamKey({ logGroup, streamId }: OpenStream): LedgerKey {
  return { pk: partitionOf(logGroup), sk: `${streamPrefix}${streamId}` };
}

const streamPrefix = 'stream#';

function partitionOf(logGroup: string): string {
  return `open#${logGroup}`;
}
