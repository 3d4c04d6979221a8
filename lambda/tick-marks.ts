import type { ExistingLogGroups, GroupCoverage, LogGroupFacts } from './coverage.ts';
import { firstPosition, lanes } from './lanes.ts';
import { createMark, loadMarks, type Mark } from './ledger/marks.ts';
import type { TickContext } from './tick-shell.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const secondMs = 1_000;

/**
 * The marks of all log groups and lanes. The first tick of all begins them, one period before what it
 * reaches, or `initialLookbackHours` earlier: nothing before it is reported.
 *
 * A first mark lies where the group can be read: that it is younger is no gap, since nobody was
 * promised to see anything before.
 */
export async function tickMarks(
  { table, shell, tickEpochMs }: TickContext,
  coverage: readonly GroupCoverage[],
  existing: ExistingLogGroups,
): Promise<Mark[]> {
  const { config } = shell;
  // A tick may be ahead of the clock, and what the clock has not come to yet is nobody's past.
  const nowEpochMs = Math.floor(shell.clock.nowEpochMs() / secondMs) * secondMs;
  const firstEpochMs = Math.min(firstPosition(tickEpochMs, config), nowEpochMs);
  const known = await loadMarks(table);
  const missing = coverage.flatMap(({ logGroup }) =>
    lanes
      .filter((lane) => !known.some((mark) => mark.lane === lane && mark.logGroup === logGroup))
      .map((lane): Mark => {
        // An invocation that was ended between two marks has begun the scan already.
        const scan = known.find((mark) => mark.lane === 'scan' && mark.logGroup === logGroup);
        const since = scan?.sinceEpochMs ?? firstEpochMs;
        const lookbackMs = lane === 'scan' ? config.initialLookbackHours * hourMs : 0;
        const facts = existing.kind === 'known' ? existing.logGroups.get(logGroup) : undefined;
        const positionEpochMs = readableFrom(since - lookbackMs, facts, tickEpochMs);
        const sinceEpochMs = Math.max(since, positionEpochMs);
        return { lane, logGroup, positionEpochMs, sinceEpochMs };
      }),
  );
  if (missing.length === 0) return known;
  for (const mark of missing) await createMark(table, mark);
  shell.log('info', 'monitoring-begins', {
    logGroups: [...new Set(missing.map(({ logGroup }) => logGroup))],
    monitoredSince: new Date(Math.min(...missing.map((mark) => mark.sinceEpochMs))).toISOString(),
  });
  return loadMarks(table);
}

function readableFrom(
  epochMs: number,
  { createdEpochMs = 0, retentionDays }: LogGroupFacts = {},
  tickEpochMs: number,
): number {
  const keptMs = retentionDays === undefined ? 0 : tickEpochMs - retentionDays * dayMs;
  return Math.max(epochMs, Math.floor(createdEpochMs / secondMs) * secondMs, keptMs);
}
