import Table from 'cli-table3';
import { severityRank } from '../../lambda/findings/change.ts';
import type { Finding, Severity } from '../../lambda/findings/finding.ts';
import type { Window } from '../../lambda/windows.ts';
import { countOf } from '../count-of.ts';
import { bySeverity } from '../finding-list.ts';
import { costUsd, usdText } from '../prices.ts';
import type { AuditTotals, Refused } from './audit-state.ts';
import { bytesText } from './estimate.ts';
import type { GroupSpans } from './group-spans.ts';
import type { Unread } from './read-range.ts';
import type { GroupSpan } from './slice-plan.ts';

/** All that an audit came to. */
export interface Audit {
  readonly mwaaEnvironment: string;
  readonly range: Window;
  readonly groups: GroupSpans;
  readonly totals: AuditTotals;
  readonly unread: readonly Unread[];
  readonly refused: readonly Refused[];
  /** Why log groups cannot be trusted to show privilege changes, by MWAA and CloudWatch Logs. */
  readonly blind: readonly { readonly logGroup: string; readonly detail: string }[];
  readonly findings: readonly Finding[];
  /** Of changes that the environment's file approves. */
  readonly approved: readonly Finding[];
}

/**
 * What was not seen, each in a sentence; nothing of it may hide behind "no finding".
 *
 * Where a log group did not exist yet, nothing was logged: that is said elsewhere.
 */
export function notSeen({ groups, totals, unread, refused, blind }: Audit): string[] {
  const known = new Set(groups.missing);
  return [
    ...groups.missing.map((logGroup) => `${logGroup} does not exist: nothing of it can be read`),
    ...blind
      .filter(({ logGroup }) => !known.has(logGroup))
      .map(({ logGroup, detail }) => `${logGroup} may not hold privilege changes: ${detail}`),
    ...groups.gone.map(
      (span) => `${spanText(span)}: older than the group's retention, so it is gone`,
    ),
    ...totals.outOfReach.map(
      (span) => `${spanText(span)}: CloudWatch Logs has no data of that time`,
    ),
    ...unread.map(
      (span) =>
        `${spanText(span)}: not read ${span.lane === 'documented' ? 'by the documented query' : 'for the detections'}: ${span.reason}`,
    ),
    ...totals.floods.map(
      (span) => `${spanText(span)}: more matching lines in this second than can be read`,
    ),
    ...totals.unreadable.map(
      ({ logGroup = 'an unknown log group', count, problem }) =>
        `${countOf(count, 'result row')} of ${logGroup} could not be read: the first ${problem}`,
    ),
    ...[...totals.unsure].map(
      (logGroup) =>
        `${logGroup}: CloudWatch Logs says for a part of it that no log group was scanned, so its zero is not certain`,
    ),
    ...refused.map(({ who, reason }) => `${who}: nothing was looked for: ${reason}`),
  ];
}

/**
 * 2 when something was not seen: whatever was found, nobody can say that it is all. Else 1 when there is
 * a finding at `alertAt` or above, and 0 when there is none.
 */
export function exitCodeOf(audit: Audit, alertAt: Severity): 0 | 1 | 2 {
  if (notSeen(audit).length > 0) return 2;
  const isAlarming = audit.findings.some(
    ({ severity }) => severityRank(severity) >= severityRank(alertAt),
  );
  return isAlarming ? 1 : 0;
}

/** What the documented query counted, by log group. */
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
    `${countOf(matchedEvents, 'log event')} say${matchedEvents === 1 ? 's' : ''} something about privileges;`,
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
