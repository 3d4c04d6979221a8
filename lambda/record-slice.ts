import { memoryMs } from './findings/derive-stream.ts';
import type { ObservedEvent } from './findings/signal.ts';
import { inSteps } from './in-steps.ts';
import type { Mark } from './ledger/marks.ts';
import {
  deleteOpenStream,
  firstLineOf,
  loadOpenStreams,
  type OpenStream,
} from './ledger/open-streams.ts';
import { streamIdOf } from './ledger/seen-events.ts';
import { type SliceRecord, sliceKey } from './ledger/slice-record.ts';
import { isSweep, type RecordedStream, recordStream, type StreamTask } from './record-stream.ts';
import type { ObservedRow } from './slice-rows.ts';
import type { TickContext } from './tick-shell.ts';

/** What a completed reading of one log group's slice holds. */
export interface GroupReading {
  readonly mark: Mark;
  readonly endEpochMs: number;
  readonly events: readonly ObservedRow[];
  /** What the documented query counted; absent in a sweep. */
  readonly matches?: number | undefined;
  readonly bytes: number;
  /** Whether the group is known to be covered, so that a zero is one. */
  readonly covered: boolean;
  /** Everything before it was read by the scan: of a scan the slice's end, of a sweep more. */
  readonly horizonEpochMs: number;
}

/** What is known of a slice once its findings and lines are kept. */
export interface RecordedSlice {
  readonly record: SliceRecord;
  /** The longest time between a line that is new and its ingestion; absent where none tells. */
  readonly lagMaxMs?: number;
}

/**
 * Makes findings of one log group's slice and keeps them with its lines. Nobody is told yet, and the
 * slice counts for nothing yet: that is for whoever claims it with the record that is returned.
 */
export async function recordSlice(
  context: TickContext,
  reading: GroupReading,
): Promise<RecordedSlice> {
  const observed = reading.events.filter(({ seen }) => seen.signals.length > 0);
  const tasks = await streamTasks(
    context,
    reading,
    observed.map(({ seen }) => seen),
  );
  const streams = await inSteps(tasks, (task) => recordStream(context, task));
  const unseen = new Set(streams.flatMap((stream) => stream.unseen.map(({ key }) => key)));
  const lags = observed.flatMap(({ seen, ingestionEpochMs }) =>
    ingestionEpochMs === undefined || !unseen.has(seen.key)
      ? []
      : [Math.max(0, ingestionEpochMs - seen.timestamp)],
  );
  return {
    record: sliceRecord(context, reading, streams),
    ...(lags.length > 0 && { lagMaxMs: lags.reduce((a, b) => Math.max(a, b)) }),
  };
}

/** The streams that have lines in the slice and, in a scan, those that wait for some. */
async function streamTasks(
  { table, shell }: TickContext,
  { mark, endEpochMs, horizonEpochMs }: GroupReading,
  observed: readonly ObservedEvent[],
): Promise<StreamTask[]> {
  const byStream = Map.groupBy(observed, streamIdOf);
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
  const streamIds = new Set([...byStream.keys(), ...(isSweep(mark.lane) ? [] : waiting.keys())]);
  return [...streamIds].map((streamId) => {
    const read = byStream.get(streamId) ?? [];
    const starts = read.map(({ timestamp }) => timestamp);
    const own = isSweep(mark.lane) ? undefined : waiting.get(streamId);
    const from = own === undefined ? endEpochMs : firstLineOf(own, mark.positionEpochMs);
    const startEpochMs = Math.min(...starts, from);
    return { streamId, mark, read, startEpochMs, horizonEpochMs };
  });
}

/**
 * Derives what waits in a log group that cannot be read: its time goes on all the same, and a command
 * whose outcome does not come is told without. It counts with the slice that is read there next.
 */
export async function resolveWaiting(
  context: TickContext,
  mark: Mark,
  horizonEpochMs: number,
): Promise<void> {
  const nothing = { events: [], bytes: 0, covered: false, endEpochMs: horizonEpochMs };
  await recordSlice(context, { mark, ...nothing, horizonEpochMs });
}

function sliceRecord(
  { tickEpochMs }: TickContext,
  { mark, endEpochMs, events, matches, bytes, covered }: GroupReading,
  streams: readonly RecordedStream[],
): SliceRecord {
  const { lane, logGroup, positionEpochMs: startEpochMs } = mark;
  const key = sliceKey({ lane, logGroup, startEpochMs });
  // Those that an invocation found which did not come to claim the slice are among them.
  const counted = streams
    .flatMap(({ records }) => records)
    // One behind this slice's end was found for one that was to reach further: the next one counts it.
    .filter(({ countedIn, anchorEpochMs }) => countedIn === key && anchorEpochMs < endEpochMs);
  const suppressedChanges = counted.filter(({ approved }) => approved).length;
  return {
    ...{ lane, logGroup, startEpochMs, endEpochMs, tickEpochMs, covered, bytes },
    outcome: 'scanned',
    rows: events.length,
    ...(matches !== undefined && { matches }),
    privilegeChanges: counted.length - suppressedChanges,
    suppressedChanges,
    lateChanges: isSweep(lane) ? counted.length : 0,
  };
}
