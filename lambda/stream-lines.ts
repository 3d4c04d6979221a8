import { memoryMs } from './findings/derive-stream.ts';
import type { ObservedEvent } from './findings/signal.ts';
import type { LedgerTable } from './ledger/ledger-table.ts';
import { loadSeenEvents } from './ledger/seen-events.ts';

/** The lines of a stream that hang together, as far as they are known. */
export interface StreamLines {
  /** Those that were read and those that were seen before, each once. */
  readonly lines: readonly ObservedEvent[];
  /** Those that the ledger does not hold yet. */
  readonly unseen: readonly ObservedEvent[];
  readonly fromEpochMs: number;
}

/** Beyond so many steps, and so many lines, the lines of a flood are let go. */
const stepsMax = 24;
const linesMax = 5_000;

/**
 * The lines that were read of a stream, with all that hang together with them: further back and forth
 * as long as there is a line within the time that one is remembered.
 *
 * @param read lines of one stream
 * @param startEpochMs what is known to belong to them begins here
 * @param horizonEpochMs lines behind it are not known to be all there: they are left out
 */
export async function linesAround(
  table: LedgerTable,
  streamId: string,
  read: readonly ObservedEvent[],
  {
    startEpochMs,
    horizonEpochMs,
    correlateSeconds,
  }: {
    readonly startEpochMs: number;
    readonly horizonEpochMs: number;
    readonly correlateSeconds: number;
  },
): Promise<StreamLines> {
  const rememberedMs = memoryMs({ correlateSeconds });
  let fromEpochMs = startEpochMs - rememberedMs;
  const lastReadMs = Math.max(startEpochMs, ...read.map(({ timestamp }) => timestamp));
  let toEpochMs = Math.min(horizonEpochMs - 1, lastReadMs + rememberedMs);
  for (let step = 1; ; step += 1) {
    const seen = await loadSeenEvents(table, streamId, { fromEpochMs, toEpochMs });
    const found = together(seen, read);
    const times = found.lines.map(({ timestamp }) => timestamp);
    const neededFromMs = Math.min(startEpochMs, ...times) - rememberedMs;
    const neededToMs = Math.min(horizonEpochMs - 1, Math.max(lastReadMs, ...times) + rememberedMs);
    const isWhole = neededFromMs >= fromEpochMs && neededToMs <= toEpochMs;
    if (isWhole || step === stepsMax || times.length > linesMax) return { ...found, fromEpochMs };
    fromEpochMs = Math.min(fromEpochMs, neededFromMs);
    toEpochMs = Math.max(toEpochMs, neededToMs);
  }
}

/** An identical line that was indexed later makes one line that was written more often. */
function together(
  seen: readonly ObservedEvent[],
  read: readonly ObservedEvent[],
): Pick<StreamLines, 'lines' | 'unseen'> {
  const lines = new Map(seen.map((event) => [event.key, event]));
  const unseen: ObservedEvent[] = [];
  for (const event of read) {
    const before = lines.get(event.key);
    if (before !== undefined && before.occurrences >= event.occurrences) continue;
    lines.set(event.key, event);
    unseen.push(event);
  }
  return { lines: [...lines.values()], unseen };
}
