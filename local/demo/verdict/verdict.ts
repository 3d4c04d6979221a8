import type { LogGroupResult, TickResult } from '../result/demo-result.ts';

/**
 * Compares the published metrics with counts of the input made by other means.
 *
 * @returns one sentence per disagreement; none when every sum agrees except for delayed events,
 *   every invocation succeeded, and exactly the log groups with matches went to ALARM and notified
 */
export function disagreements(
  logGroups: readonly LogGroupResult[],
  ticks: readonly TickResult[],
): string[] {
  const invoked = ticks.filter(({ missed }) => !missed);
  return [
    ...logGroups.flatMap((group) => groupDisagreements(group, invoked)),
    ...ticks
      .filter(({ error }) => error !== undefined)
      .map(({ tickEpochMs, error }) => `the tick ${isoMinute(tickEpochMs)} failed: ${error}`),
  ];
}

function groupDisagreements(group: LogGroupResult, ticks: readonly TickResult[]): string[] {
  const { logGroup, sumOfMatches, alarmedEpochMs, notifiedEpochMs, lateWithAddRole } = group;
  const eventsWithAddRole = group.eventsWithAddRole - lateWithAddRole;
  const inTime = lateWithAddRole > 0 ? ` that arrived in time` : '';
  const found: string[] = [];
  if (sumOfMatches !== eventsWithAddRole) {
    found.push(
      `${logGroup}: the metric adds up to ${sumOfMatches}, the input contains ${eventsWithAddRole} events with add-role${inTime}`,
    );
  }
  const silent = ticks.length - group.matchesByTick.length;
  if (silent > 0) found.push(`${logGroup}: ${silent} of ${ticks.length} ticks published no value`);
  if (eventsWithAddRole > 0) {
    if (alarmedEpochMs === undefined) found.push(`${logGroup}: its alarm did not go to ALARM`);
    if (notifiedEpochMs === undefined) found.push(`${logGroup}: no notification was sent`);
  } else if (alarmedEpochMs !== undefined) {
    found.push(`${logGroup}: its alarm went to ALARM without a match`);
  }
  return found;
}

function isoMinute(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16);
}
