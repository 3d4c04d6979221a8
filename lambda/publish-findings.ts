import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type CallShell, callAws } from './call-aws.ts';
import { severityRank } from './findings/change.ts';
import type { FindingMaker, Notification } from './findings/finding-maker.ts';
import type { FindingRecord } from './findings/finding-record.ts';
import type { Ledger } from './ledger.ts';
import { describeError } from './log.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import type { Deadline } from './time.ts';

export interface PublishShell extends CallShell {
  readonly sns: SNSClient;
  readonly ledger: Ledger;
  readonly config: RuntimeConfig;
  readonly findingMaker: FindingMaker;
}

/** Notifications of single findings in a tick; the rest comes as one digest. */
export const notificationsMax = 20;

/**
 * A lost answer may stand for a sent message: the finding stays pending, and the next tick sends it
 * again, with the same id.
 */
const lostAnswersMax = 0;

export interface Published {
  /** Findings that people were told of. */
  readonly notified: number;
  /** Findings that are still pending. */
  readonly undelivered: number;
  readonly failures: readonly Error[];
}

/**
 * Tells people of every finding that is pending, the worst first; what cannot be published stays
 * pending and holds up no other.
 */
export async function publishFindings(shell: PublishShell, deadline: Deadline): Promise<Published> {
  const pending = [...(await shell.ledger.pendingFindings())].sort(worstFirst);
  const rest = pending.slice(notificationsMax);
  const { findingMaker } = shell;
  const results = await Promise.allSettled([
    ...pending.slice(0, notificationsMax).map(async (record) => {
      const { finding, delivery } = record;
      const update = delivery.status === 'pending' && delivery.update;
      await publish(shell, findingMaker.notification(finding, update), deadline);
      await markNotified(shell, [record]);
      shell.log('info', 'finding-notified', { id: finding.id, update });
      return 1;
    }),
    ...(rest.length === 0 ? [] : [rest]).map(async (records) => {
      const findings = records.map(({ finding }) => finding);
      await publish(shell, findingMaker.digest(findings), deadline);
      await markNotified(shell, records);
      shell.log('info', 'digest-notified', { ids: findings.map(({ id }) => id) });
      return records.length;
    }),
  ]);
  const failures = results.flatMap((result) =>
    result.status === 'rejected'
      ? [new Error('a finding cannot be published', { cause: result.reason })]
      : [],
  );
  for (const failure of failures) {
    shell.log('error', 'finding-not-notified', { error: describeError(failure) });
  }
  const notified = results.reduce(
    (sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0),
    0,
  );
  return { notified, undelivered: pending.length - notified, failures };
}

function worstFirst(a: FindingRecord, b: FindingRecord): number {
  return (
    severityRank(b.finding.severity) - severityRank(a.finding.severity) ||
    Date.parse(a.finding.firstSeen) - Date.parse(b.finding.firstSeen) ||
    (a.finding.id < b.finding.id ? -1 : 1)
  );
}

async function publish(
  shell: PublishShell,
  message: Notification,
  deadline: Deadline,
): Promise<void> {
  const command = new PublishCommand({ TopicArn: shell.config.findingsTopicArn, ...message });
  await callAws(
    'Publish',
    (options) => shell.sns.send(command, options),
    shell,
    deadline,
    lostAnswersMax,
  );
}

async function markNotified(
  { ledger }: PublishShell,
  records: readonly FindingRecord[],
): Promise<void> {
  for (const { finding } of records) await ledger.markNotified(finding.id, finding.severity);
}
