import { inSteps } from '../common/retry.ts';
import { minuteMs } from '../common/time.ts';
import { memoryMs } from '../correlate/derive-stream.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import { isOnlyResult, streamsWithinBudget } from '../flood/change-budget.ts';
import { streamPrefix } from '../flood/change-flood.ts';
import { type Mark, type SliceRecord, sliceKey } from '../ledger/marks.ts';
import {
  deleteOpenStream,
  firstLineOf,
  loadOpenStreams,
  type OpenStream,
} from '../ledger/seen-events.ts';
import { countsOf } from '../ledger/slice-counts.ts';
import { streamIdOf } from '../ledger/stream-id.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { isSweep } from '../model/windows.ts';
import type { ObservedRow } from '../scan/slice-rows.ts';
import { floodedStreams, recordFloods } from './record-floods.ts';
import { recordStream, type StreamTask } from './record-stream.ts';
import type { TickContext } from './tick-context.ts';

/** A completed reading of one log group's slice. */
interface GroupReading {
  readonly mark: Mark;
  readonly endEpochMs: number;
  readonly events: readonly ObservedRow[];
  /** What the documented query counted; absent for the pack. */
  readonly matches?: number | undefined;
  readonly bytes: number;
  /** Whether the group is known to be covered, so that a zero is certain. */
  readonly covered: boolean;
  /** The scan has read everything before it: for a scan the slice's end, for a sweep later. */
  readonly horizonEpochMs: number;
  /**
   * What waits for further lines until this time is reported without them.
   * @default horizonEpochMs
   */
  readonly waitEndEpochMs?: number;
}

/**
 * Derives the findings of one log group's slice and saves them with its lines. Nobody is notified and
 * nothing is counted until the caller claims the slice with the returned record.
 *
 * A slice of the documented query is only a count: it makes no findings and resolves no pending change.
 */
export async function deriveSlice(
  context: TickContext,
  reading: GroupReading,
): Promise<SliceRecord> {
  if (reading.mark.lane === 'documented') return sliceRecord(context, reading, []);
  const observed = reading.events.filter(({ seen }) => seen.signals.length > 0);
  const lateKeys = lateKeysOf(observed, context.shell.config.settleMinutes);
  const tasks = await streamTasks(
    context,
    reading,
    observed.map(({ seen }) => seen),
    lateKeys,
  );
  const streams = await inSteps(tasks.streams, async (task) => ({
    task,
    recorded: await recordStream(context, task),
  }));
  const unseen = new Set(streams.flatMap(({ recorded }) => recorded.unseen.map(({ key }) => key)));
  const floods = await recordFloods(context, reading.mark, lateKeys, [
    ...streams.map(({ task, recorded: { rest, shortened } }) => ({
      ...{ streamId: task.streamId, rest, shortened },
    })),
    { rest: tasks.rest, shortened: [] },
  ]);
  for (const { seen, ingestionEpochMs } of observed) {
    if (ingestionEpochMs === undefined || !unseen.has(seen.key)) continue;
    context.tally.addLag(Math.max(0, ingestionEpochMs - seen.timestamp));
  }
  return sliceRecord(context, reading, [
    ...streams.flatMap(({ recorded }) => recorded.records),
    ...floods,
  ]);
}

/**
 * Keys of the lines that the scan of their time may have missed. The scan reads `settleMinutes` after the
 * event time at the earliest, so a line ingested sooner was there. A line without an ingestion time counts
 * as late.
 */
function lateKeysOf(rows: readonly ObservedRow[], settleMinutes: number): ReadonlySet<string> {
  const late = rows.filter(
    ({ seen, ingestionEpochMs = Number.POSITIVE_INFINITY }) =>
      ingestionEpochMs - seen.timestamp > settleMinutes * minuteMs,
  );
  return new Set(late.map(({ seen }) => seen.key));
}

/** How to handle the lines of a slice. */
interface SliceTasks {
  readonly streams: readonly StreamTask[];
  /** Lines of the streams beyond the budget, which are not correlated one by one. */
  readonly rest: readonly ObservedEvent[];
}

/**
 * The streams with lines in the slice and, in a scan, those with pending changes; the worst first, as many
 * as the budget allows.
 */
async function streamTasks(
  { table, shell }: TickContext,
  { mark, endEpochMs, horizonEpochMs, waitEndEpochMs = horizonEpochMs }: GroupReading,
  observed: readonly ObservedEvent[],
  lateKeys: ReadonlySet<string>,
): Promise<SliceTasks> {
  const open = await loadOpenStreams(
    table,
    mark.logGroup,
    mark.positionEpochMs - memoryMs(shell.config),
  );
  const isOver = ({ resolvedEpochMs }: OpenStream) =>
    !isSweep(mark.lane) && resolvedEpochMs !== undefined && resolvedEpochMs <= mark.positionEpochMs;
  await inSteps(open.filter(isOver), (stream) => deleteOpenStream(table, stream));
  const waiting = new Map(
    open.filter((stream) => !isOver(stream)).map((stream) => [stream.streamId, stream]),
  );
  const byStream = new Map(
    [...Map.groupBy(observed, streamIdOf)].filter(
      // Every task that runs SQL logs results: they matter only where a statement is pending.
      ([streamId, lines]) => waiting.has(streamId) || !lines.every(isOnlyResult),
    ),
  );
  const flooded = isSweep(mark.lane)
    ? await floodedStreams(table, shell.config.mwaaEnvironment, mark.logGroup, observed)
    : new Set<string>();
  const single = streamsWithinBudget(
    new Map([...byStream].filter(([streamId]) => !flooded.has(streamPrefix(streamId)))),
  );
  const rest = [...byStream].flatMap(([streamId, lines]) => (single.has(streamId) ? [] : lines));
  const due = [...waiting.values()].filter(
    (stream) => !isSweep(mark.lane) && isDue(stream, mark.positionEpochMs, waitEndEpochMs),
  );
  const streamIds = new Set([...single, ...due.map(({ streamId }) => streamId)]);
  const streams = [...streamIds].map((streamId) => {
    const read = single.has(streamId) ? (byStream.get(streamId) ?? []) : [];
    const own = isSweep(mark.lane) ? undefined : waiting.get(streamId);
    const from = own === undefined ? endEpochMs : firstLineOf(own, mark.positionEpochMs);
    const startEpochMs = read.reduce((first, { timestamp }) => Math.min(first, timestamp), from);
    return { streamId, mark, read, lateKeys, startEpochMs, horizonEpochMs, waitEndEpochMs };
  });
  return { streams, rest };
}

/**
 * A stream without new lines is derived again once per minute of event time and when its wait ends: in a
 * flood a slice is a few seconds long, while every invented stream waits for minutes.
 */
const derivedAgainAfterMs = minuteMs;

export function isDue(
  { derivedEpochMs, untilEpochMs }: OpenStream,
  positionEpochMs: number,
  horizonEpochMs: number,
): boolean {
  // A slice that is read again counts what it found before, so its streams are derived again.
  const wasDerivedForThisSlice = derivedEpochMs > positionEpochMs;
  const isLongAgo = horizonEpochMs - derivedEpochMs >= derivedAgainAfterMs;
  return wasDerivedForThisSlice || isLongAgo || untilEpochMs < horizonEpochMs;
}

/**
 * Resolves what is pending in an unreadable log group: time passes there too, so a command whose outcome
 * never arrives is reported without one. It counts in the slice that is read there next.
 */
export async function resolveWaiting(
  context: TickContext,
  mark: Mark,
  horizonEpochMs: number,
): Promise<void> {
  const nothing = { events: [], bytes: 0, covered: false, endEpochMs: horizonEpochMs };
  await deriveSlice(context, { mark, ...nothing, horizonEpochMs });
}

/**
 * Derives and saves the findings of a slice that was not read in full, from the answers that completed.
 * The group keeps its position: the findings count in the slice that is read there next, like those of an
 * interrupted invocation. Pending changes stay pending, since a missing answer may hold their outcome.
 */
export async function derivePartial(
  context: TickContext,
  reading: Pick<GroupReading, 'mark' | 'endEpochMs' | 'events' | 'horizonEpochMs'>,
): Promise<void> {
  const { mark, horizonEpochMs } = reading;
  // The scan has read all lines of a sweep except late ones, for which nothing waits.
  const waitEndEpochMs = isSweep(mark.lane) ? horizonEpochMs : mark.positionEpochMs;
  await deriveSlice(context, { ...reading, waitEndEpochMs, bytes: 0, covered: false });
}

function sliceRecord(
  { tickEpochMs }: TickContext,
  { mark, endEpochMs, events, matches, bytes, covered }: GroupReading,
  records: readonly FindingRecord[],
): SliceRecord {
  const { lane, logGroup, positionEpochMs: startEpochMs } = mark;
  const key = sliceKey({ lane, logGroup, startEpochMs });
  // Includes findings of an invocation that ended before it claimed the slice.
  const findings = records
    // A finding after this slice's end was found for a longer one: the next slice counts it.
    .filter(({ countedIn, anchorEpochMs }) => countedIn === key && anchorEpochMs < endEpochMs);
  return {
    ...{ lane, logGroup, startEpochMs, endEpochMs, tickEpochMs, covered },
    outcome: 'scanned',
    ...countsOf({ lane, events, findings, bytes, matches }),
  };
}
