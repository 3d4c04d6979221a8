import { memoryMs } from '../correlate/derive-stream.ts';
import type { LedgerTable } from '../ledger/ledger-table.ts';
import { loadSeenEvents } from '../ledger/seen-events.ts';
import type { ObservedEvent } from '../model/signal.ts';

/** The known lines of a stream that may belong to the same changes. */
export interface StreamLines {
  /** The lines that were read and those that were seen before, each once. */
  readonly lines: readonly ObservedEvent[];
  /** The lines that the ledger does not hold yet. */
  readonly unseen: readonly ObservedEvent[];
  /** Keys of the lines that it holds, perhaps with fewer occurrences. */
  readonly seenKeys: ReadonlySet<string>;
  readonly fromEpochMs: number;
  /** Changes before it cannot be derived in full: lines before the known ones belong to them. */
  readonly settledFromEpochMs: number;
  /** Lines from here on are not known. */
  readonly horizonEpochMs: number;
}

/**
 * How often the span is widened by {@link memoryMs}, in each direction: half an hour with the
 * default of 180 s. Lines that are connected for longer come from a flood or a busy web server.
 */
const stepsMax = 10;

/**
 * The lines that were read of a stream, with all lines of the ledger that are connected with them.
 * The span grows backwards and forwards while there is a line within {@link memoryMs} of its end,
 * at most {@link stepsMax} times.
 *
 * @param read lines of one stream
 * @param startEpochMs the time from which lines are known to belong to them
 * @param horizonEpochMs lines from here on may be incomplete: they are left out
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
  const lastReadMs = read.reduce((last, { timestamp }) => Math.max(last, timestamp), startEpochMs);
  const earliestMs = startEpochMs - (stepsMax + 1) * rememberedMs;
  const latestMs = Math.min(horizonEpochMs - 1, lastReadMs + (stepsMax + 1) * rememberedMs);
  const seen: ObservedEvent[] = [];
  const load = async (span: { fromEpochMs: number; toEpochMs: number }) => {
    for (const event of await loadSeenEvents(table, streamId, span)) seen.push(event);
  };
  let fromEpochMs = startEpochMs - rememberedMs;
  let toEpochMs = Math.min(horizonEpochMs - 1, lastReadMs + rememberedMs);
  await load({ fromEpochMs, toEpochMs });
  for (;;) {
    const { firstMs, lastMs } = spanOf(seen, startEpochMs, lastReadMs);
    const neededFromMs = firstMs - rememberedMs;
    const neededToMs = Math.min(horizonEpochMs - 1, lastMs + rememberedMs);
    const isBeginning = neededFromMs >= fromEpochMs || fromEpochMs <= earliestMs;
    const isEnd = neededToMs <= toEpochMs || toEpochMs >= latestMs;
    if (isBeginning && isEnd) {
      const isCutBefore = neededFromMs < fromEpochMs;
      const isCutAfter = neededToMs > toEpochMs;
      return {
        ...together(seen, read),
        fromEpochMs,
        settledFromEpochMs: isCutBefore ? fromEpochMs + rememberedMs : fromEpochMs,
        horizonEpochMs: isCutAfter ? toEpochMs + 1 : horizonEpochMs,
      };
    }
    if (!isBeginning) {
      const earlierMs = Math.max(neededFromMs, earliestMs);
      await load({ fromEpochMs: earlierMs, toEpochMs: fromEpochMs - 1 });
      fromEpochMs = earlierMs;
    }
    if (!isEnd) {
      const laterMs = Math.min(neededToMs, latestMs);
      await load({ fromEpochMs: toEpochMs + 1, toEpochMs: laterMs });
      toEpochMs = laterMs;
    }
  }
}

function spanOf(events: readonly ObservedEvent[], startEpochMs: number, endEpochMs: number) {
  let [firstMs, lastMs] = [startEpochMs, endEpochMs];
  for (const { timestamp } of events) {
    firstMs = Math.min(firstMs, timestamp);
    lastMs = Math.max(lastMs, timestamp);
  }
  return { firstMs, lastMs };
}

/** A line that is identical with one seen before replaces it if it has more occurrences. */
function together(
  seen: readonly ObservedEvent[],
  read: readonly ObservedEvent[],
): Pick<StreamLines, 'lines' | 'unseen' | 'seenKeys'> {
  const seenKeys = new Set(seen.map(({ key }) => key));
  const lines = new Map(seen.map((event) => [event.key, event]));
  const unseen: ObservedEvent[] = [];
  for (const event of read) {
    const before = lines.get(event.key);
    if (before !== undefined && before.occurrences >= event.occurrences) continue;
    lines.set(event.key, event);
    unseen.push(event);
  }
  return { lines: [...lines.values()], unseen, seenKeys };
}
