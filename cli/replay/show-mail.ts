import { fileURLToPath } from 'node:url';
import { runbooksOfCheckout } from '../../infra/naming/checkout.ts';
import { notificationOf } from '../../lambda/messages/notification.ts';
import type { Sender } from '../../lambda/messages/subject.ts';
import type { Finding } from '../../lambda/model/finding.ts';
import { dagOwnersIn } from '../../lambda/notify/dag-owners.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { firstEvents } from '../../local/replay/first-events.ts';
import { runbookFilesUrl } from '../../local/runbook-files.ts';
import { mailAsText } from '../common/mail-as-text.ts';
import { UserError } from '../common/output.ts';

/** The events of a task's log that are searched for the owner of its DAG, as the monitor searches them. */
const eventsMax = 50;
const bytesMax = 1_000_000;

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Where mails find the runbooks: where the checkout was cloned from, or on this machine. */
export function runbookBaseUrl(): string {
  return runbooksOfCheckout(projectRoot) ?? runbookFilesUrl;
}

/**
 * The finding with an id, or with an id that begins with a text.
 *
 * @throws UserError if there is none, or more than one
 */
export function findingWithId(findings: readonly Finding[], id: string): Finding {
  const found = findings.filter((finding) => finding.id.startsWith(id.toLowerCase()));
  const [first] = found;
  if (first === undefined) {
    throw new UserError(
      `--mail ${id}: must be the id of one of the ${findings.length} findings (--json shows them)`,
    );
  }
  if (found.length > 1) {
    throw new UserError(
      `--mail ${id}: must be the id of one finding, but ${found.length} begin with it`,
    );
  }
  return first;
}

/**
 * The mail about a finding as it would arrive from a monitor of these logs.
 *
 * @param logs all events, of which the first ones of the finding's log stream may name an owner
 */
export async function mailAbout(
  finding: Finding,
  sender: Sender,
  logs: AsyncIterable<LogEvent>,
): Promise<string> {
  const [first] = finding.evidence;
  const { dag } = finding.actor;
  const events =
    first === undefined || dag === undefined
      ? []
      : await firstEvents(logs, { ...first, eventsMax, bytesMax });
  const messages = events.map(({ message }) => message.toWellFormed());
  const dagOwners = dagOwnersIn(messages, dag ?? '');
  const { Subject: subject, Message } = notificationOf(finding, sender, { dagOwners });
  const { email }: { readonly email: string } = JSON.parse(Message);
  return mailAsText({ subject, text: email });
}
