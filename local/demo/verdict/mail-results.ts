import type { MailCounts, MailResult, NotificationResult } from '../result/demo-result.ts';
import type { FindingNotification } from '../run/live-through.ts';

/** The mails about findings, as they would arrive. */
export function mailResults(notifications: readonly FindingNotification[]): MailResult[] {
  return notifications.map(({ atEpochMs, subject, email, published }) => ({
    ...{ atEpochMs, subject, text: email },
    ...{ kind: published.kind, severity: published.severity },
    findingIds:
      published.kind === 'digest' || published.kind === 'minimal'
        ? published.findings.map(({ id }) => id)
        : [published.id],
  }));
}

/**
 * How many mails an address gets that is subscribed to both topics.
 *
 * @param changes the number of privilege changes that were notified
 */
export function countMails(
  mails: readonly MailResult[],
  notifications: readonly Pick<NotificationResult, 'state'>[],
  changes: number,
): MailCounts {
  const ofRecoveries = notifications.filter(({ state }) => state === 'OK').length;
  return {
    changes,
    aboutFindings: mails.length,
    ofAlarms: notifications.length - ofRecoveries,
    ofRecoveries,
  };
}
