import { hourMs, latestPlausibleEpochMs, secondMs } from '../common/time.ts';
import { createMark, loadMarks, type Mark } from '../ledger/marks.ts';
import type { MonitorState } from '../ledger/monitor-state.ts';
import type { ExistingLogGroups, GroupCoverage, LogGroupFacts } from '../model/coverage.ts';
import { isSweep, type Lane, lanes } from '../model/windows.ts';
import { firstPosition } from '../plan/runtime-config.ts';
import { countedBefore } from '../record/counted-before.ts';
import { lostCountFinding, queryableFrom } from '../record/gaps.ts';
import { saveOwnFinding } from '../record/save-own-finding.ts';
import type { TickContext } from '../record/tick-context.ts';

/**
 * Loads the marks of all log groups and lanes, and creates the missing ones.
 *
 * The very first tick creates them one period before its own target, or `initialLookbackHours` earlier:
 * nothing before that is reported. A first mark never lies before the group's creation or retention: that
 * is no gap, since nobody was promised to see that time.
 *
 * A mark that is missing while others exist was lost, or an invocation ended between two creations: it
 * begins where nothing is skipped. Reading lines again makes no second finding.
 */
export async function ensureMarks(
  context: TickContext,
  coverage: readonly GroupCoverage[],
  existing: ExistingLogGroups,
  state: Pick<MonitorState, 'lastTickEpochMs'> = {},
): Promise<Mark[]> {
  const { table, shell, tickEpochMs } = context;
  const { config } = shell;
  // A tick may be ahead of the clock: no mark may begin in the future.
  const nowEpochMs = Math.floor(shell.clock.nowEpochMs() / secondMs) * secondMs;
  const firstEpochMs = Math.min(firstPosition(tickEpochMs, config), nowEpochMs);
  const latestEpochMs = latestPlausibleEpochMs(shell.clock);
  const known = await loadMarks(table, latestEpochMs);
  const isMissing = (lane: Lane, logGroup: string) =>
    !known.some((mark) => mark.lane === lane && mark.logGroup === logGroup);
  const logGroups = coverage.map(({ logGroup }) => logGroup);
  const uncounted = logGroups.filter((logGroup) => isMissing('documented', logGroup));
  const counted =
    known.length > 0 && uncounted.length > 0
      ? await countedBefore(context, state, uncounted)
      : new Map<string, number>();
  const missing = logGroups.flatMap((logGroup) =>
    lanes
      .filter((lane) => isMissing(lane, logGroup))
      .map((lane) => (known.length === 0 ? firstMark(lane, logGroup) : lostMark(lane, logGroup))),
  );
  if (missing.length === 0) return known;
  // Before the marks are created: if this run ends in between, the next one must still see the loss.
  for (const mark of missing) {
    if (mark.lane === 'documented' && isCountLost()) await reportLostCount(mark);
  }
  for (const mark of missing) await createMark(table, mark);
  shell.log('info', 'monitoring-begins', {
    logGroups: [...new Set(missing.map(({ logGroup }) => logGroup))],
    monitoredSince: new Date(Math.min(...missing.map((mark) => mark.sinceEpochMs))).toISOString(),
  });
  return loadMarks(table, latestEpochMs);

  function firstMark(lane: Lane, logGroup: string, since = firstEpochMs): Mark {
    const lookbackMs = !isSweep(lane) ? config.initialLookbackHours * hourMs : 0;
    const facts = existing.kind === 'known' ? existing.logGroups.get(logGroup) : undefined;
    const positionEpochMs = readableFrom(since - lookbackMs, facts, tickEpochMs);
    return { lane, logGroup, positionEpochMs, sinceEpochMs: Math.max(since, positionEpochMs) };
  }

  /**
   * The documented query has its own lane since version 3 of the ledger. Its lost mark begins again where
   * the records of its slices end; without such a record, at the earliest position that the other marks
   * name, which is reported.
   */
  function documentedMark(logGroup: string): Mark {
    const { sinceEpochMs } = scanMark(logGroup);
    const others = known.filter(({ lane }) => lane === 'documented');
    const before = isCountLost() ? others.map((mark) => mark.positionEpochMs) : [];
    const positionEpochMs = counted.get(logGroup) ?? Math.min(upgradePosition(logGroup), ...before);
    return { lane: 'documented', logGroup, positionEpochMs, sinceEpochMs };
  }

  /**
   * Before version 3, each slice of the scan held the count, including a slice that is claimed and not yet
   * finished: the lane begins where that one ends, so that each event counts once.
   */
  function upgradePosition(logGroup: string): number {
    const { claim, positionEpochMs } = scanMark(logGroup);
    return claim?.matches !== undefined ? claim.endEpochMs : positionEpochMs;
  }

  function scanMark(logGroup: string): Mark {
    const isScan = (mark: Mark) => mark.lane === 'scan' && mark.logGroup === logGroup;
    return known.find(isScan) ?? lostMark('scan', logGroup);
  }

  /** Whether the documented query had begun; false after an upgrade that ended while creating marks. */
  function isCountLost(): boolean {
    const wasMoved = (mark: Mark) =>
      mark.lane === 'documented' &&
      !isMissing('scan', mark.logGroup) &&
      mark.positionEpochMs !== upgradePosition(mark.logGroup);
    return counted.size > 0 || known.some(wasMoved);
  }

  async function reportLostCount(mark: Mark): Promise<void> {
    const { logGroup, positionEpochMs } = mark;
    const isKnown = counted.has(logGroup);
    const position = new Date(positionEpochMs).toISOString();
    shell.log('warn', 'documented-position-lost', { logGroup, position, isKnown });
    if (!isKnown) await saveOwnFinding(context, lostCountFinding(mark));
  }

  /**
   * A lost scan begins again at the position of a sweep, since the scan had read everything before it. A
   * lost sweep begins where the scan began. If all marks of a log group are lost, those of the others say
   * how far the monitor was.
   */
  function lostMark(lane: Lane, logGroup: string): Mark {
    if (lane === 'documented') return documentedMark(logGroup);
    const own = known.filter((mark) => mark.logGroup === logGroup);
    const others = own.length > 0 ? own : known;
    const sinceEpochMs = Math.min(...others.map((mark) => mark.sinceEpochMs));
    const near = others.filter((mark) => mark.lane === 'near');
    const sweeps = near.length > 0 ? near : others.filter((mark) => mark.lane === 'far');
    const reached = Math.min(...sweeps.map((mark) => mark.positionEpochMs));
    const isBegun = lane === 'scan' && sweeps.length > 0 && reached > sinceEpochMs;
    return isBegun
      ? { lane, logGroup, positionEpochMs: reached, sinceEpochMs }
      : firstMark(lane, logGroup, sinceEpochMs);
  }
}

function readableFrom(epochMs: number, facts: LogGroupFacts = {}, tickEpochMs: number): number {
  const { createdEpochMs, keptEpochMs } = queryableFrom(facts, tickEpochMs);
  return Math.max(epochMs, createdEpochMs, keptEpochMs);
}
