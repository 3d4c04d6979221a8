import { stringify } from 'csv-stringify/sync';
import type { FindingRecord, SentMessage } from '../../lambda/findings/finding-record.ts';
import type { Finding } from '../../lambda/model/finding.ts';
import type { Verb } from '../../lambda/model/verbs.ts';
import { visibleText } from '../../local/visible-text.ts';
import { findingLines } from '../common/finding-list.ts';

/** What the command was asked for. */
export interface FindingsOptions {
  readonly env: string;
  readonly region?: string;
  readonly profile?: string;
  readonly stack?: string;
  /** Milliseconds. */
  readonly last?: number;
  /** Epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly coverage?: boolean;
  /** The id of a finding. */
  readonly approve?: string;
}

/** What is said of a finding about its notification. */
export type NotificationState = 'notified' | 'waiting' | 'not-due' | 'approved';

/** A stored finding as the command shows it: schema 1. */
export interface ListedFinding {
  readonly schema: 1;
  readonly finding: Finding;
  readonly verb?: Verb;
  readonly notification: NotificationState;
  /** The messages that named it, as far as they were recorded: the last ten. */
  readonly messages: readonly { readonly messageId?: string; readonly at: string }[];
  /** Reason and owner of each approval that was applied. */
  readonly approvals: readonly string[];
}

/** Event time, in epoch milliseconds; both ends included. */
export interface FindingRange {
  readonly fromEpochMs: number;
  readonly toEpochMs: number;
}

/** The findings whose lines touch a range, the earliest first. */
export function listFindings(
  records: readonly FindingRecord[],
  { fromEpochMs, toEpochMs }: FindingRange,
): ListedFinding[] {
  return records
    .filter(
      ({ finding }) =>
        Date.parse(finding.lastSeen) >= fromEpochMs && Date.parse(finding.firstSeen) <= toEpochMs,
    )
    .toSorted(
      (a, b) =>
        Date.parse(a.finding.firstSeen) - Date.parse(b.finding.firstSeen) ||
        (a.finding.id < b.finding.id ? -1 : 1),
    )
    .map((record) => ({
      schema: 1,
      finding: record.finding,
      ...(record.verb !== undefined && { verb: record.verb }),
      notification: notificationOf(record),
      messages: (record.messages ?? []).map(({ messageId, atEpochMs }: SentMessage) => ({
        ...(messageId !== undefined && { messageId }),
        at: new Date(atEpochMs).toISOString(),
      })),
      approvals: record.silenced?.reasons ?? [],
    }));
}

function notificationOf({ delivery, approved }: FindingRecord): NotificationState {
  if (delivery.status === 'notified') return 'notified';
  if (delivery.status !== 'withheld') return 'waiting';
  return approved ? 'approved' : 'not-due';
}

/** One finding for a terminal. Names from logs are made visible. */
export function listedLines({ finding, notification, messages, approvals }: ListedFinding) {
  const indent = ' '.repeat(31);
  return [
    ...findingLines(finding),
    `${indent}${notificationText(notification, messages.at(-1))}; id ${finding.id}`,
    ...approvals.map((reason) => `${indent}approved: ${JSON.stringify(reason)}`),
  ];
}

function notificationText(
  notification: NotificationState,
  last: ListedFinding['messages'][number] | undefined,
): string {
  switch (notification) {
    case 'notified': {
      // Versions before 0.3 did not record when.
      if (last === undefined) return 'notified';
      const message = last.messageId === undefined ? '' : ` by SNS message ${last.messageId}`;
      return `notified ${last.at}${message}`;
    }
    case 'waiting':
      return 'waits for its notification';
    case 'approved':
      return 'approved, not notified';
    default:
      return 'recorded, not notified: milder than alertAt';
  }
}

const columns = [
  ...['first_seen', 'last_seen', 'detected_at', 'severity', 'outcome', 'title', 'verb'],
  ...['target', 'role', 'dag', 'task', 'run', 'user', 'detections', 'notification'],
  ...['last_notified_at', 'last_message_id', 'approvals', 'id'],
];

/**
 * The findings as CSV with a header (RFC 4180). A spreadsheet would run a cell that begins with `=`,
 * and log lines are written by the people who are watched: such a cell gets an apostrophe. Where `;` parts
 * cells, as in much of Europe, and in a spreadsheet that is asked to part at tabs, cells begin there as well.
 * Characters that nobody sees are escaped, as in the text for a terminal.
 */
export function findingsCsv(listed: readonly ListedFinding[]): string {
  const rows = listed.map(({ finding, verb, notification, messages, approvals }) => {
    const { actor } = finding;
    const last = messages.at(-1);
    return [
      ...[finding.firstSeen, finding.lastSeen, finding.detectedAt, finding.severity],
      ...[finding.outcome, finding.title, verb, finding.target, finding.role],
      ...[actor.dag ?? actor.dagFile, actor.task, actor.run, actor.user],
      ...[finding.detections.join(' '), notification, last?.at, last?.messageId],
      ...[approvals.join('; '), finding.id],
    ].map((cell) => (cell === undefined ? cell : inertCell(cell)));
  });
  return stringify(rows, { header: true, columns, escape_formulas: true });
}

function inertCell(text: string): string {
  return visibleText(text).replace(/;["'\s]*(?=[=+\-@＝＋－＠])/gu, "$&'");
}
