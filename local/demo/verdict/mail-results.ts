import { withRunbookFiles } from '../../runbook-files.ts';
import type { MailCounts, MailResult, NotificationResult } from '../result/demo-result.ts';
import type { FindingNotification } from '../run/live-through.ts';

/** The mail about a finding, or about many, as it would arrive. */
export function findingMail(notification: FindingNotification): MailResult {
  const { atEpochMs, subject, email, published } = notification;
  return {
    ...{ atEpochMs, subject, text: withRunbookFiles(email) },
    ...{ kind: published.kind, severity: published.severity },
    findingIds:
      published.kind === 'digest' || published.kind === 'minimal'
        ? published.findings.map(({ id }) => id)
        : [published.id],
  };
}

/** The mail of an alarm, as it would arrive. */
export function alarmMailResult(notification: NotificationResult): MailResult {
  const { atEpochMs, subject, email, state } = notification;
  const kind = state === 'OK' ? 'recovery' : 'alarm';
  return { ...{ atEpochMs, subject, text: withRunbookFiles(email), kind }, findingIds: [] };
}

/** In the order in which they were sent: an alarm is evaluated at the end of a minute, before the next tick. */
export function allMails({
  findings,
  notifications,
}: {
  readonly findings: readonly FindingNotification[];
  readonly notifications: readonly NotificationResult[];
}): MailResult[] {
  return [...notifications.map(alarmMailResult), ...findings.map(findingMail)].sort(
    (a, b) => a.atEpochMs - b.atEpochMs,
  );
}

/**
 * How many mails an address gets that is subscribed to both topics.
 *
 * @param changes the number of privilege changes that were notified
 */
export function countMails(mails: readonly MailResult[], changes: number): MailCounts {
  const ofAlarms = mails.filter(({ kind }) => kind === 'alarm').length;
  const ofRecoveries = mails.filter(({ kind }) => kind === 'recovery').length;
  const aboutFindings = mails.length - ofAlarms - ofRecoveries;
  return { changes, aboutFindings, ofAlarms, ofRecoveries };
}
