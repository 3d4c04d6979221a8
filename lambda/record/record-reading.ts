import { describeError } from '../common/log.ts';
import { inSteps } from '../common/retry.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { claimSlice, type Mark } from '../ledger/marks.ts';
import { isSweep, type Window, windowTimes } from '../model/windows.ts';
import type { SliceReading } from '../scan/read-slice.ts';
import {
  assertClaimed,
  type ClaimedMark,
  claimGap,
  finishClaims,
  recordDeadline,
} from './claims.ts';
import { derivePartial, deriveSlice } from './record-slice.ts';
import { reportUnreadable, saveFloodFinding } from './save-own-finding.ts';
import type { TickContext } from './tick-context.ts';

/** What recording a reading needs to know about its log groups. */
interface ReadingPlace {
  /** Of every group that was queried. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** Groups whose zeros are certain. */
  readonly covered: ReadonlySet<string>;
  /** By log group, the scan's position. */
  readonly scanned: ReadonlyMap<string, number>;
}

/**
 * Records a slice: for each group that was read in full its findings and lines, then its claim, record and
 * metrics, and last it moves the mark. A group that could not be read keeps its position.
 *
 * @returns the moved marks, one for each slice that was recorded
 */
export async function recordReading(
  context: TickContext,
  reading: SliceReading,
  { marks, covered, scanned }: ReadingPlace,
): Promise<readonly Mark[]> {
  const { shell, table, tally } = context;
  const { window, matches, unsure, bytesScanned, flooded, outcomes } = reading;
  const groupsThat = (kind: 'scanned' | 'out-of-reach') =>
    reading.logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === kind);
  const read = groupsThat('scanned');
  // First: skipped rows must be reported before the slice counts as read.
  await reportUnreadable(context, reading);
  const settled = [
    ...(await inSteps(read, recordGroup)),
    ...(await inSteps(groupsThat('out-of-reach'), passOver)),
  ];
  const moved = await finishClaims(context, settled, scanned);
  for (const { claim } of settled) tally.addSlice(claim);
  if (settled.length === 0) tally.addUncountedBytes(bytesScanned);
  return moved;

  async function recordGroup(logGroup: string): Promise<ClaimedMark> {
    const mark = markOf(logGroup);
    const events = reading.events.filter(({ seen }) => seen.logGroup === logGroup);
    if (flooded) await saveFloodFinding(context, logGroup, window.startEpochMs, events.length);
    const record = await deriveSlice(context, {
      mark,
      endEpochMs: window.endEpochMs,
      events,
      matches: matches?.get(logGroup),
      bytes: shareOf(bytesScanned, read, logGroup),
      covered: covered.has(logGroup) && unsure?.has(logGroup) !== true,
      horizonEpochMs: horizonOf(mark, window, scanned),
    });
    return assertClaimed(mark, await claimSlice(table, mark, record));
  }

  async function passOver(logGroup: string): Promise<ClaimedMark> {
    const outcome = outcomes.get(logGroup);
    const error = outcome?.kind === 'out-of-reach' ? describeError(outcome.error) : undefined;
    shell.log('warn', 'no-data-possible', { logGroup, window: windowTimes(window), error });
    const { endEpochMs } = window;
    return claimGap(context, { mark: markOf(logGroup), endEpochMs, reason: 'out-of-reach' });
  }

  function markOf(logGroup: string): Mark {
    return markIn(marks, logGroup);
  }
}

/**
 * Records what completed answers hold of groups that were not read in full: an attacker who can make
 * another query fail must not delay the report. The groups keep their positions.
 *
 * Has a deadline of its own, since the time for reading is often over by then.
 */
export async function recordPartialReading(
  context: TickContext,
  { partial, window }: SliceReading,
  { marks, scanned }: Pick<ReadingPlace, 'marks' | 'scanned'>,
): Promise<void> {
  if (partial === undefined) return;
  const { shell } = context;
  const table = new LedgerTable(shell, shell.config.ledgerTableName, recordDeadline(context));
  await inSteps([...partial], async ([logGroup, events]) => {
    const mark = markIn(marks, logGroup);
    const { lane } = mark;
    const place = { lane, logGroup, window: windowTimes(window) };
    shell.log('warn', 'partial-answer-kept', { ...place, rows: events.length });
    const horizonEpochMs = horizonOf(mark, window, scanned);
    const { endEpochMs } = window;
    await derivePartial({ ...context, table }, { mark, endEpochMs, events, horizonEpochMs });
  });
}

/** Until when the scan has read everything: for the scan itself the end of this slice. */
function horizonOf(
  { lane, logGroup }: Mark,
  { endEpochMs }: Window,
  scanned: ReadingPlace['scanned'],
): number {
  return (isSweep(lane) ? scanned.get(logGroup) : undefined) ?? endEpochMs;
}

function markIn(marks: ReadingPlace['marks'], logGroup: string): Mark {
  const mark = marks.get(logGroup);
  if (mark === undefined) throw new RangeError(`log group "${logGroup}" was not queried`);
  return mark;
}

/** A group's share of a query's bytes; the shares add up. */
function shareOf(bytes: number, logGroups: readonly string[], logGroup: string): number {
  const share = Math.floor(bytes / logGroups.length);
  return logGroup === logGroups[0] ? bytes - share * (logGroups.length - 1) : share;
}
