import { describeError } from '../common/log.ts';
import { inSteps } from '../common/retry.ts';
import { type Deadline, dayMs, deadlineIn, iso } from '../common/time.ts';
import {
  claimSlice,
  type Mark,
  moveMark,
  type SliceRecord,
  saveSliceRecord,
} from '../ledger/marks.ts';
import { putMetrics } from '../metrics/put-metrics.ts';
import { tickTotals, totalsData } from '../metrics/tick-totals.ts';
import type { LogGroupFacts } from '../model/coverage.ts';
import { isSweep } from '../model/windows.ts';
import { type Gap, gapFinding, gapOf } from './gaps.ts';
import { deriveSlice } from './record-slice.ts';
import { saveOwnFinding } from './save-own-finding.ts';
import { addCounted, countedSlices, type TickContext } from './tick-context.ts';

/** A mark whose slice is claimed: its findings and lines are stored, and its numbers are final. */
export type ClaimedMark = Mark & { readonly claim: SliceRecord };

export function isClaimed(mark: Mark): mark is ClaimedMark {
  return mark.claim !== undefined;
}

/**
 * Returns a mark after its claim.
 *
 * @throws Error when the claim failed: only a run without the lease can have moved the mark
 */
export function assertClaimed(mark: Mark, after: Mark | undefined): ClaimedMark {
  if (after === undefined || !isClaimed(after)) {
    throw new Error(`the mark of ${mark.logGroup} in lane ${mark.lane} was moved by another run`);
  }
  return after;
}

/** CloudWatch accepts no value older than two weeks; one day is reserved for clocks and delays. */
const metricAgeMaxMs = 13 * dayMs;

/**
 * Finishes claimed slices, in this order: saves findings about gaps, saves the slices' records, puts the
 * metrics of the ticks in which they count, and last moves the marks. If interrupted anywhere, the next
 * invocation does it all again, with the same result.
 *
 * @param scanned by log group, the scan's position; empty where the pack is not read
 * @returns the moved marks
 */
export async function finishClaims(
  context: TickContext,
  marks: readonly ClaimedMark[],
  scanned: ReadonlyMap<string, number>,
): Promise<Mark[]> {
  if (marks.length === 0) return [];
  const { table, shell } = context;
  for (const mark of marks) {
    const gap = gapNews(mark, scanned);
    if (gap !== undefined) await saveOwnFinding(context, gapFinding(gap));
  }
  await inSteps(marks, ({ claim }) => saveSliceRecord(table, claim));
  for (const { claim } of marks) await addCounted(context, claim);
  for (const tickEpochMs of new Set(marks.map(({ claim }) => claim.tickEpochMs))) {
    await putTotals(context, tickEpochMs);
  }
  return inSteps(marks, async (mark) => {
    const moved = await moveMark(table, mark);
    if (moved === undefined) {
      throw new Error(`the mark of ${mark.logGroup} in lane ${mark.lane} was moved by another run`);
    }
    const { lane, logGroup, claim } = mark;
    const { startEpochMs, endEpochMs, outcome, rows } = claim;
    const window = { start: iso(startEpochMs), end: iso(endEpochMs) };
    shell.log('info', 'slice-recorded', { lane, logGroup, window, outcome, rows });
    return moved;
  });
}

/**
 * The gap to report, if any. Sweeps repeat the scan's gaps, which are already reported. A gap of the
 * documented query is reported up to the scan's position: the scan reports the rest. A group created after
 * its first slice began loses nothing we promised to watch.
 */
function gapNews(mark: ClaimedMark, scanned: ReadonlyMap<string, number>): Gap | undefined {
  const { lane, logGroup, positionEpochMs, sinceEpochMs, claim } = mark;
  const { outcome, reason } = claim;
  const isFirst = claim.startEpochMs <= sinceEpochMs && reason === 'out-of-reach';
  if (outcome !== 'gap' || reason === undefined || isSweep(lane) || isFirst) return undefined;
  const untilEpochMs = lane === 'scan' ? claim.endEpochMs : scanned.get(logGroup);
  const endEpochMs = Math.min(claim.endEpochMs, untilEpochMs ?? claim.endEpochMs);
  return endEpochMs > positionEpochMs ? { mark, endEpochMs, reason } : undefined;
}

async function putTotals(context: TickContext, tickEpochMs: number): Promise<void> {
  const { shell, tickEpochMs: now } = context;
  const { mwaaEnvironment } = shell.config;
  if (now - tickEpochMs > metricAgeMaxMs) {
    // Only after an outage this long; people are notified of the findings all the same.
    shell.log('error', 'metrics-too-old', { countingTick: iso(tickEpochMs) });
    return;
  }
  const totals = tickTotals(tickEpochMs, await countedSlices(context, tickEpochMs));
  try {
    await putMetrics(shell, totalsData(mwaaEnvironment, totals), recordDeadline(context));
  } catch (cause) {
    shell.log('error', 'metrics-not-put', { error: describeError(cause) });
    throw new Error('PutMetricData failed', { cause });
  }
}

/** Of the time left after reading; the rest is for notifying people. */
const keepTimeMinMs = 5_000;

/**
 * The deadline for recording a reading and putting its metrics: while a service is away, time must remain
 * for the other lanes and for notifying people.
 */
export function recordDeadline({ shell, scanDeadline, deadline }: TickContext): Deadline {
  const leastMs = Math.min(keepTimeMinMs, deadline.remainingMs() / 2);
  return deadlineIn(shell.timer, Math.max(scanDeadline.remainingMs(), leastMs));
}

/**
 * Claims a span that can never be read, as a gap. The finding about it is saved when the claim is
 * finished. What waits for lines of that span is resolved without them.
 */
export async function claimGap(
  context: TickContext,
  { mark, endEpochMs, reason }: Gap,
): Promise<ClaimedMark> {
  const nothing = { events: [], bytes: 0, covered: false };
  const record = await deriveSlice(context, {
    ...{ mark, endEpochMs, horizonEpochMs: endEpochMs },
    ...nothing,
  });
  const gap = await claimSlice(context.table, mark, { ...record, outcome: 'gap', reason });
  return assertClaimed(mark, gap);
}

/** What settling needs to know about the log groups. */
interface SettlePlace {
  /** What CloudWatch Logs says about a readable log group; undefined when unknown. */
  readonly factsOf: (logGroup: string) => LogGroupFacts | undefined;
  /** By log group, the scan's position. */
  readonly scanned: ReadonlyMap<string, number>;
}

/** Finishes the claims that an interrupted invocation left. @returns all marks, as they are then */
export async function finishedMarks(
  context: TickContext,
  marks: readonly Mark[],
  scanned: SettlePlace['scanned'],
): Promise<readonly Mark[]> {
  return replaced(marks, await finishClaims(context, marks.filter(isClaimed), scanned));
}

/** Skips what can never be read. @returns all marks, as they are then */
export async function marksPastGaps(
  context: TickContext,
  marks: readonly Mark[],
  { factsOf, scanned }: SettlePlace,
): Promise<readonly Mark[]> {
  const gaps = marks.flatMap((mark) => {
    const facts = factsOf(mark.logGroup);
    return (facts !== undefined && gapOf(mark, facts, context.tickEpochMs)) || [];
  });
  const claims = [];
  for (const gap of gaps) claims.push(await claimGap(context, gap));
  return replaced(marks, await finishClaims(context, claims, scanned));
}

/** Replaces the marks that have moved. */
export function replaced(marks: readonly Mark[], moved: readonly Mark[]): readonly Mark[] {
  const keyOf = ({ lane, logGroup }: Mark) => `${lane} ${logGroup}`;
  const latest = new Map(moved.map((mark) => [keyOf(mark), mark]));
  return marks.map((mark) => latest.get(keyOf(mark)) ?? mark);
}
