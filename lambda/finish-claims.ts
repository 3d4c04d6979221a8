import type { ClaimedMark } from './claimed.ts';
import { addCounted, countedSlices } from './counted-slices.ts';
import { gapFinding } from './gaps.ts';
import { inSteps } from './in-steps.ts';
import { type Mark, moveMark } from './ledger/marks.ts';
import { saveSliceRecord } from './ledger/slice-record.ts';
import { describeError } from './log.ts';
import { totalsData } from './metrics.ts';
import { putMetrics } from './put-metrics.ts';
import { tellOwn } from './tell-own.ts';
import type { TickContext } from './tick-shell.ts';
import { tickTotals } from './tick-totals.ts';

/** CloudWatch takes no value that is older than two weeks; a day is kept for clocks and delays. */
const metricAgeMaxMs = 13 * 86_400_000;

/**
 * Does what is left to do of claimed slices, in this order: gaps as findings, the slices' records, the metrics of the ticks
 * that they count in, and last the marks' move. Interrupted anywhere, it is done again from the start
 * by the next invocation, and comes to the same.
 *
 * @returns the marks where they stand then
 */
export async function finishClaims(
  context: TickContext,
  marks: readonly ClaimedMark[],
): Promise<Mark[]> {
  if (marks.length === 0) return [];
  const { table, shell } = context;
  for (const mark of marks) {
    const { outcome, endEpochMs, reason } = mark.claim;
    if (outcome === 'gap' && reason !== undefined && isNews(mark)) {
      await tellOwn(context, gapFinding({ mark, endEpochMs, reason }));
    }
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
 * The sweeps' gaps are the scan's, which told of them; and that a group is younger than its first
 * slice takes nothing away that anybody was promised.
 */
function isNews({ lane, claim, sinceEpochMs }: ClaimedMark): boolean {
  const isFirst = claim.startEpochMs <= sinceEpochMs && claim.reason === 'out-of-reach';
  return lane === 'scan' && !isFirst;
}

async function putTotals(context: TickContext, tickEpochMs: number): Promise<void> {
  const { shell, tickEpochMs: now, deadline } = context;
  const { mwaaEnvironment } = shell.config;
  if (now - tickEpochMs > metricAgeMaxMs) {
    // Of an outage this long; the findings themselves are told all the same.
    shell.log('error', 'metrics-too-old', { countingTick: iso(tickEpochMs) });
    return;
  }
  const totals = tickTotals(tickEpochMs, await countedSlices(context, tickEpochMs));
  try {
    await putMetrics(shell, totalsData(mwaaEnvironment, totals), deadline);
  } catch (cause) {
    shell.log('error', 'metrics-not-put', { error: describeError(cause) });
    throw new Error('PutMetricData failed', { cause });
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
