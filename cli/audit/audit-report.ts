import Table from 'cli-table3';
import type { Finding } from '../../lambda/model/finding.ts';
import { type Severity, severityRank } from '../../lambda/model/severity.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { bySeverity } from '../common/finding-list.ts';
import { countOf } from '../common/output.ts';
import { costUsd, usdText } from '../common/prices.ts';
import type { AuditTotals, Refused } from './audit-state.ts';
import { bytesText } from './estimate.ts';
import type { Unread } from './read-range.ts';
import type { GroupSpan, GroupSpans } from './spans.ts';

/** The results of an audit. */
export interface Audit {
  readonly mwaaEnvironment: string;
  readonly range: Window;
  readonly groups: GroupSpans;
  readonly totals: AuditTotals;
  readonly unread: readonly Unread[];
  readonly refused: readonly Refused[];
  /** Log groups that may not show privilege changes because of their settings, and why. */
  readonly blind: readonly { readonly logGroup: string; readonly detail: string }[];
  readonly findings: readonly Finding[];
  /** Findings of changes that the environment's file approves. */
  readonly approved: readonly Finding[];
}

/**
 * What the audit did not see, each as a sentence, so that "no finding" never hides a gap.
 *
 * A time before a log group existed is not one: nothing was logged then.
 */
export function notSeen({ groups, totals, unread, refused, blind }: Audit): string[] {
  const known = new Set(groups.missing);
  return [
    ...groups.missing.map((logGroup) => `${logGroup} does not exist and cannot be read`),
    ...blind
      .filter(({ logGroup }) => !known.has(logGroup))
      .map(({ logGroup, detail }) => `${logGroup} may not show privilege changes: ${detail}`),
    ...groups.gone.map((span) => `${spanText(span)}: expired by the group's retention`),
    ...totals.outOfReach.map(
      (span) => `${spanText(span)}: CloudWatch Logs has no data for that time`,
    ),
    ...unread.map(
      (span) =>
        `${spanText(span)}: not read ${span.lane === 'documented' ? 'by the documented query' : 'for the detections'}: ${span.reason}`,
    ),
    ...totals.floods.map(
      (span) => `${spanText(span)}: more lines match in this second than can be read`,
    ),
    ...totals.unreadable.map(
      ({ logGroup = 'an unknown log group', count, problem }) =>
        `${countOf(count, 'result row')} of ${logGroup} could not be read: the first ${problem}`,
    ),
    ...[...totals.unsure].map(
      (logGroup) =>
        `${logGroup}: CloudWatch Logs reports no scanned log group for a part of it, so its zero is not certain`,
    ),
    ...refused.map(({ who, reason }) => `${who}: not searched: ${reason}`),
  ];
}

/**
 * 2 if something was not seen, since the findings may be incomplete; otherwise 1 if there is a
 * finding at `alertAt` or above, and 0 if there is none.
 */
export function exitCodeOf(audit: Audit, alertAt: Severity): 0 | 1 | 2 {
  if (notSeen(audit).length > 0) return 2;
  const isAlarming = audit.findings.some(
    ({ severity }) => severityRank(severity) >= severityRank(alertAt),
  );
  return isAlarming ? 1 : 0;
}

/** A table of the documented query's counts by log group. */
export function countTable({ groups, totals, unread }: Audit): string {
  const table = new Table({
    head: ['log group', 'from', 'to', 'events with add-role'],
    colAligns: ['left', 'left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { logGroup, window } of groups.spans) {
    const isWhole =
      !unread.some((left) => left.lane === 'documented' && left.logGroup === logGroup) &&
      !totals.outOfReach.some((left) => left.logGroup === logGroup) &&
      !totals.unsure.has(logGroup);
    const count = (totals.matches.get(logGroup) ?? 0).toLocaleString('en');
    const { start, end } = windowText(window);
    table.push([logGroup, start, end, isWhole ? count : `at least ${count}`]);
  }
  for (const logGroup of groups.missing) table.push([logGroup, '', '', 'does not exist']);
  return table.toString();
}

export function summaryLine(
  { mwaaEnvironment, findings, totals }: Audit,
  matchedEvents: number,
  pricePerGb: number,
): string {
  const number = (value: number) => value.toLocaleString('en');
  return [
    `${countOf(findings.length, 'finding')}${bySeverity(findings)} in MWAA environment ${mwaaEnvironment};`,
    `${countOf(matchedEvents, 'log event')} about privileges;`,
    `${number(totals.bytesScanned)} bytes scanned (${bytesText(totals.bytesScanned)}, ${usdText(costUsd(totals.bytesScanned, pricePerGb))})`,
  ].join(' ');
}

export function spanText({ logGroup, window }: GroupSpan): string {
  const { start, end } = windowText(window);
  return `${logGroup} from ${start} to ${end}`;
}

/** `2026-11-22 05:47:00`, in UTC. */
export function windowText({ startEpochMs, endEpochMs }: Window): {
  readonly start: string;
  readonly end: string;
} {
  const text = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
  return { start: text(startEpochMs), end: text(endEpochMs) };
}
