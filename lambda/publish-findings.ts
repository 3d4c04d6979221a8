import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type CallShell, callAws } from './call-aws.ts';
import type { Finding } from './findings/finding.ts';
import type { FindingMaker, Notification } from './findings/finding-maker.ts';
import type { Ledger } from './ledger.ts';
import { describeError } from './log.ts';
import { planNotifications } from './notify/digest.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import type { Deadline } from './time.ts';

export interface PublishShell extends CallShell {
  readonly sns: SNSClient;
  readonly ledger: Ledger;
  readonly config: RuntimeConfig;
}

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
 * Tells people of every finding that is pending, the worst first: each by a notification of its own,
 * those beyond the limit by one digest. What cannot be published stays pending and holds up no other.
 */
export async function publishFindings(
  shell: PublishShell,
  findingMaker: Pick<FindingMaker, 'notification' | 'digest'>,
  deadline: Deadline,
): Promise<Published> {
  const pending = await shell.ledger.pendingFindings();
  const updates = new Set(
    pending.flatMap(({ finding, delivery }) =>
      delivery.status === 'pending' && delivery.update ? [finding.id] : [],
    ),
  );
  const { single, digest } = planNotifications(pending.map(({ finding }) => finding));
  const messages = [
    ...single.map((finding) => ({
      findings: [finding],
      notification: () => findingMaker.notification(finding, updates.has(finding.id)),
    })),
    ...(digest.length === 0 ? [] : [digest]).map((findings) => ({
      findings,
      notification: () => findingMaker.digest(findings),
    })),
  ];
  const results = await Promise.all(
    messages.map(async ({ findings, notification }) => {
      const ids = findings.map(({ id }) => id);
      try {
        await publish(shell, notification(), deadline);
        await markNotified(shell.ledger, findings);
        shell.log('info', 'findings-notified', { ids, kind: kindOf(findings, updates) });
        return { notified: findings.length, failures: [] };
      } catch (cause) {
        shell.log('error', 'findings-not-notified', { ids, error: describeError(cause) });
        const what = findings.length === 1 ? `finding ${ids[0]}` : `${ids.length} findings`;
        return { notified: 0, failures: [new Error(`${what} cannot be published`, { cause })] };
      }
    }),
  );
  const notified = results.reduce((sum, result) => sum + result.notified, 0);
  return {
    notified,
    undelivered: pending.length - notified,
    failures: results.flatMap(({ failures }) => failures),
  };
}

function kindOf([first, second]: readonly Finding[], updates: ReadonlySet<string>): string {
  if (second !== undefined) return 'digest';
  return updates.has(first?.id ?? '') ? 'update' : 'finding';
}

async function publish(
  shell: PublishShell,
  notification: Notification,
  deadline: Deadline,
): Promise<void> {
  const command = new PublishCommand({ TopicArn: shell.config.findingsTopicArn, ...notification });
  await callAws(
    'Publish',
    (options) => shell.sns.send(command, options),
    shell,
    deadline,
    lostAnswersMax,
  );
}

async function markNotified(ledger: Ledger, findings: readonly Finding[]): Promise<void> {
  for (const { id, severity } of findings) await ledger.markNotified(id, severity);
}
