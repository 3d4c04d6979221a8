import { severityRank } from '../../../lambda/model/severity.ts';
import type { FindingResult, LogGroupResult, TickResult } from '../result/demo-result.ts';
import { placeKey } from '../session/session.ts';

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

/**
 * Compares the notified findings with the input.
 *
 * @param inInput the places of evidence that exist in the input, see {@link placeKey}
 * @returns one sentence per disagreement
 */
export function findingDisagreements(
  findings: readonly FindingResult[],
  logGroups: readonly LogGroupResult[],
  inInput: ReadonlySet<string>,
): string[] {
  return [
    ...findings.flatMap((finding) => [
      ...repeats(finding),
      ...finding.evidence
        .filter((evidence) => !inInput.has(placeKey(evidence)))
        .map(({ logStream, timestamp }) => {
          return `finding ${finding.id}: the input has no event of ${logStream} at ${timestamp}`;
        }),
    ]),
    ...sumsThatDiffer(findings, logGroups),
    ...logGroups
      .filter(({ sumOfChanges, changesAlarmedEpochMs }) => {
        return sumOfChanges > 0 !== (changesAlarmedEpochMs !== undefined);
      })
      .map(({ logGroup, sumOfChanges }) => {
        const went = sumOfChanges > 0 ? 'did not go' : 'went';
        return `${logGroup}: its alarm on privilege changes ${went} to ALARM, with ${sumOfChanges} of them`;
      }),
  ];
}

/** Compares by log group; in total when some published finding names none. */
function sumsThatDiffer(
  findings: readonly FindingResult[],
  logGroups: readonly LogGroupResult[],
): string[] {
  const compared = findings.some(({ logGroup }) => logGroup === undefined)
    ? [
        {
          logGroup: 'all log groups',
          findings: findings.length,
          sumOfChanges: logGroups.reduce((total, group) => total + group.sumOfChanges, 0),
        },
      ]
    : logGroups;
  return compared
    .filter(({ findings: notified, sumOfChanges }) => notified !== sumOfChanges)
    .map(({ logGroup, findings: notified, sumOfChanges }) => {
      return `${logGroup}: PrivilegeChanges adds up to ${sumOfChanges}, but findings notified: ${notified}`;
    });
}

/** A second notification is correct only as an update with a higher severity. */
function repeats({ id, notifiedAs }: FindingResult): string[] {
  return notifiedAs.slice(1).flatMap((later, at) => {
    const before = notifiedAs[at];
    const isWorse =
      before !== undefined && severityRank(later.severity) > severityRank(before.severity);
    // A digest does not mark updates.
    if (isWorse && later.kind !== 'finding') return [];
    return [`finding ${id}: it was notified ${notifiedAs.length} times`];
  });
}
