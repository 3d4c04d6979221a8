import { cutText } from '../common/text.ts';
import type { Finding } from '../model/finding.ts';
import type { Severity } from '../model/severity.ts';
import { severities } from '../model/severity.ts';
import { chatText } from '../text/chat-text.ts';
import { firstSteps } from './first-steps.ts';
import { placeText, type Sender, shownRunbook } from './subject.ts';

/**
 * A custom notification of Amazon Q Developer in chat applications.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface ChatNotification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Messages about one finding are one thread, if the channel allows threads. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

/** Far below what Slack shows of one message (3,000 characters of a block). */
const titleMax = 200;
const lineMax = 300;
const descriptionMax = 2_800;
const stepMax = 350;
/** Findings of a summary that are named; the mails name all. */
const namedMax = 12;

const eventType = 'MWAA Privilege Finding';

/** What to do first; commands, and what explains them, are in the mail only. */
function firstStep(finding: Finding, sender: Sender): string {
  const [{ text, commands = [] } = { text: '' }] = firstSteps(finding, { sender });
  const step = text.replace('see TO UNDO IT below', 'see TO UNDO IT in the mail');
  return commands.length === 0 ? step : `${step.replace(/:$/, '.')} The mail has the command.`;
}

/** The notification about one finding; all text from the log passes `chatText`. */
export function chatNotification(
  finding: Finding,
  sender: Sender,
  {
    isUpdate = false,
    step = firstStep(finding, sender),
  }: { readonly isUpdate?: boolean; readonly step?: string } = {},
): ChatNotification {
  const { id, severity, title, actor, target, role, firstSeen, lastSeen, outcome } = finding;
  const { environment } = sender;
  const who = [
    actor.user === undefined ? '' : `Airflow user ${actor.user}`,
    actor.dag === undefined ? '' : `DAG ${actor.dag}`,
    actor.task === undefined ? '' : `task ${actor.task}`,
    actor.dagFile === undefined ? '' : `DAG file ${actor.dagFile}`,
  ].filter((part) => part !== '');
  const when = firstSeen === lastSeen ? firstSeen : `${firstSeen} to ${lastSeen}`;
  const lines = [
    line(title),
    ...(isUpdate ? ['Update: it is worse now, or it names more users or roles.'] : []),
    ...(who.length === 0 ? [] : [line(`Who: ${who.join(', ')}`)]),
    ...(target === undefined ? [] : [line(`Whom: ${target}`)]),
    ...(role === undefined ? [] : [line(`Role: ${role}`)]),
    `When: ${when}`,
    `Outcome in the log: ${outcome}`,
    `Environment: ${environment}, ${placeText(sender)}`,
    `Runbook: ${shownRunbook(sender, finding.runbook)}`,
    `Finding ${id}`,
  ];
  return notification(sender, {
    id,
    severity,
    title: line(`${isUpdate ? 'UPDATE ' : ''}${title}`),
    description: lines.join('\n'),
    nextSteps: [cutText(chatText(step), stepMax)],
    context: { kind: isUpdate ? 'update' : 'finding', findingId: id },
  });
}

/**
 * One notification about many findings, with their numbers and the first of them: chat is no record, and
 * the mails name each.
 *
 * @param findings at least one, the worst first
 */
export function chatSummary(findings: readonly Finding[], sender: Sender): ChatNotification {
  const [worst] = findings;
  if (worst === undefined) throw new RangeError('a summary needs at least one finding, got 0');
  const counts = severities
    .toReversed()
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length])
    .filter(([, count]) => count !== 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const named = findings
    .slice(0, namedMax)
    .map(({ severity, title }) => line(`${severity}: ${title}`));
  const more = findings.length - named.length;
  return notification(sender, {
    id: worst.id,
    severity: worst.severity,
    title: `${findings.length} privilege changes: ${counts.join(', ')}`,
    description: cutText(
      [...named, ...(more > 0 ? [`and ${more} more, which the mails name`] : [])].join('\n'),
      descriptionMax,
    ),
    nextSteps: ['Read the mails: they name each change, with the lines that show it.'],
    context: { kind: 'summary', count: String(findings.length) },
  });
}

/** What is left of a notification that was refused: nothing in it comes from a log. */
export function shortChatNotification(
  findings: readonly Finding[],
  sender: Sender,
): ChatNotification {
  const [worst] = findings;
  if (worst === undefined) throw new RangeError('a notification needs a finding, got none');
  return notification(sender, {
    id: worst.id,
    severity: worst.severity,
    title: `${findings.length} privilege change${findings.length === 1 ? '' : 's'}`,
    description: `The whole message was refused. Finding ${worst.id} is in the mails and in the ledger.`,
    nextSteps: [],
    context: { kind: 'minimal', findingId: worst.id },
  });
}

interface Parts {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
  readonly nextSteps: readonly string[];
  readonly context: Readonly<Record<string, string>>;
}

function notification(
  { environment }: Sender,
  { id, severity, title, description, nextSteps, context }: Parts,
): ChatNotification {
  const headline = cutText(`${severity.toUpperCase()} ${environment}: ${title}`, titleMax);
  return {
    version: '1.0',
    source: 'custom',
    id,
    content: {
      textType: 'client-markdown',
      title: headline,
      description: cutText(description, descriptionMax),
      nextSteps,
      keywords: [severity, environment],
    },
    metadata: {
      threadId: id,
      summary: headline,
      eventType,
      additionalContext: { severity, environment, ...context },
    },
  };
}

function line(text: string): string {
  return cutText(chatText(text), lineMax);
}
