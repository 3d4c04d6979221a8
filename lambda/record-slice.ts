import { isOnlyResult, streamsWithinBudget } from './findings/change-budget.ts';
import { streamPrefix } from './findings/change-flood.ts';
import { memoryMs } from './findings/derive-stream.ts';
import type { FindingRecord } from './findings/finding-record.ts';
import type { ObservedEvent } from './findings/signal.ts';
import { inSteps } from './in-steps.ts';
import { isSweep } from './lane.ts';
import type { Mark } from './ledger/marks.ts';
import {
  deleteOpenStream,
  firstLineOf,
  loadOpenStreams,
  type OpenStream,
} from './ledger/open-streams.ts';
import { streamIdOf } from './ledger/seen-events.ts';
import { type SliceRecord, sliceKey } from './ledger/slice-record.ts';
import { floodedStreams, recordFloods } from './record-floods.ts';
import { recordStream, type StreamTask } from './record-stream.ts';
import type { ObservedRow } from './slice-rows.ts';
import type { TickContext } from './tick-shell.ts';
import { minuteMs } from './time.ts';

/** What a completed reading of one log group's slice holds. */
export interface GroupReading {
  readonly mark: Mark;
  readonly endEpochMs: number;
  readonly events: readonly ObservedRow[];
  /** What the documented query counted; absent where the pack was asked. */
  readonly matches?: number | undefined;
  readonly bytes: number;
  /** Whether the group is known to be covered, so that a zero is one. */
  readonly covered: boolean;
  /** Everything before it was read by the scan: of a scan the slice's end, of a sweep more. */
  readonly horizonEpochMs: number;
  /**
   * What waited for further lines until here is told without them.
   * @default horizonEpochMs
   */
  readonly waitEndEpochMs?: number;
}

/**
 * Makes findings of one log group's slice and keeps them with its lines. Nobody is told yet, and the
 * slice counts for nothing yet: that is for whoever claims it with the record that is returned.
 *
 * A slice of the documented query is a count, which makes no findings, and no time go on for what waits.
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
 * Keys of the lines that the scan of their time may not have seen. It reads each time `settleMinutes`
 * after it at the earliest, so that a line which came sooner was there. Of a line that does not say when
 * it came the worse is taken.
 */
function lateKeysOf(rows: readonly ObservedRow[], settleMinutes: number): ReadonlySet<string> {
  const late = rows.filter(
    ({ seen, ingestionEpochMs = Number.POSITIVE_INFINITY }) =>
      ingestionEpochMs - seen.timestamp > settleMinutes * minuteMs,
  );
  return new Set(late.map(({ seen }) => seen.key));
}

/** What is to be done with a slice's lines. */
interface SliceTasks {
  readonly streams: readonly StreamTask[];
  /** Lines of the streams beyond those that are correlated one by one. */
  readonly rest: readonly ObservedEvent[];
}

/**
 * The streams that have lines in the slice and, in a scan, those that wait for some; the worst, as many
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
      // Every task that runs SQL logs results: they only say something where a statement waits.
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
 * A stream without new lines is derived again once a minute of event time, and when its wait ends: in a
 * flood a slice is a few seconds long, and every invented stream waits for minutes.
 */
const derivedAgainAfterMs = minuteMs;

export function isDue(
  { derivedEpochMs, untilEpochMs }: OpenStream,
  positionEpochMs: number,
  horizonEpochMs: number,
): boolean {
  // A slice that is read again counts what it found before: its streams are derived again as well.
  const wasDerivedForThisSlice = derivedEpochMs > positionEpochMs;
  const isLongAgo = horizonEpochMs - derivedEpochMs >= derivedAgainAfterMs;
  return wasDerivedForThisSlice || isLongAgo || untilEpochMs < horizonEpochMs;
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
  await deriveSlice(context, { mark, ...nothing, horizonEpochMs });
}

/**
 * Makes findings of what completed answers hold of a slice that was not read in full, and keeps them with
 * their lines. The group stays where it is: they count with the slice that is read there next, as what an
 * interrupted invocation has found does. What waits for a line goes on waiting, since the answers that
 * are missing may hold it.
 */
export async function derivePartial(
  context: TickContext,
  reading: Pick<GroupReading, 'mark' | 'endEpochMs' | 'events' | 'horizonEpochMs'>,
): Promise<void> {
  const { mark, horizonEpochMs } = reading;
  // Of the lines that a sweep reads, the scan has read all but late ones: nothing waits for these.
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
  // Those that an invocation found which did not come to claim the slice are among them.
  const counted = records
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
