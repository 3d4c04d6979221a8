import { approvedLines } from '../findings/approved-digest.ts';
import { floodActorLines } from '../findings/flood-finding.ts';
import { runbookLink } from '../findings/links.ts';
import type { Finding, PublishedFinding } from '../model/finding.ts';
import type { Severity } from '../model/severity.ts';
import { approvedText, mailText } from './mail-text.ts';
import { bytesOf, findingSubject, messageBytesMax, type Sender } from './subject.ts';

/** The parameters of SNS's Publish, except the topic. */
export interface Notification {
  readonly Subject: string;
  /** A text for each kind of subscriber, as JSON. */
  readonly Message: string;
  readonly MessageStructure: 'json';
  readonly MessageAttributes: Readonly<
    Record<string, { readonly DataType: 'String' | 'String.Array'; readonly StringValue: string }>
  >;
}

/** Lines of evidence in a notification; the stored finding has all of them. */
export const evidenceLinesMax = 20;

/** Detections in a notification's attributes, for filter policies. */
const attributeDetectionsMax = 50;

interface NotificationOptions {
  /** It was notified before, when it was milder or named fewer. @default false */
  readonly update?: boolean;
  /** Who owns the DAG, as its log says. @default - not known */
  readonly dagOwners?: readonly string[] | undefined;
}

/**
 * The notification about one finding: a mail for people and the finding as JSON for machines, in one
 * message.
 *
 * The JSON is the `default` text, so that every protocol for machines (SQS, Lambda, HTTPS, Firehose)
 * gets it while it counts only once against SNS's limit. Evidence is left out, with a note of how much,
 * until the message fits.
 *
 * Filter policies can use the attributes or, with `FilterPolicyScope: MessageBody`, the JSON.
 */
export function notificationOf(
  finding: Finding,
  sender: Sender,
  { update = false, dagOwners }: NotificationOptions = {},
): Notification {
  const kind = update ? 'update' : 'finding';
  const { severity, environment, evidence } = finding;
  const subject = findingSubject(finding, update);
  const attributes = attributesOf({
    kind,
    severity,
    environment,
    detections: finding.detections.slice(0, attributeDetectionsMax),
  });
  const room = messageBytesMax - bytesOf(JSON.stringify(attributes)) - bytesOf(subject);
  let lines = Math.min(evidence.length, linesMaxOf(finding));
  let message = messageOf(finding, sender, { lines, update, subject, dagOwners });
  while (lines > 0 && bytesOf(message) > room) {
    lines = Math.floor(lines / 2);
    message = messageOf(finding, sender, { lines, update, subject, dagOwners });
  }
  return {
    Subject: subject,
    Message: message,
    MessageStructure: 'json',
    MessageAttributes: attributes,
  };
}

/** Lines of evidence in a message: all actors of a flood, and all approved changes of a digest. */
export function linesMaxOf(finding: Finding): number {
  const named = Math.max(2 * (floodActorLines(finding).length + 4), approvedLines(finding).length);
  return Math.max(evidenceLinesMax, named);
}

function messageOf(
  finding: Finding,
  sender: Sender,
  {
    lines,
    update,
    subject,
    dagOwners,
  }: NotificationOptions & {
    readonly lines: number;
    readonly update: boolean;
    readonly subject: string;
  },
): string {
  const published = publishedFinding(finding, sender, { lines, update, dagOwners });
  const { evidence: shown, evidenceOmitted: omitted = 0 } = published;
  return JSON.stringify({
    default: JSON.stringify(published),
    email:
      approvedText(finding, sender) ??
      mailText(finding, shown, { sender, update, omitted, dagOwners }),
    sms: subject,
  });
}

/** A finding as receivers get it, with some of its lines of evidence. */
export function publishedFinding(
  finding: Finding,
  { account, region, runbookBaseUrl }: Sender,
  { lines, update, dagOwners }: NotificationOptions & { readonly lines: number },
): PublishedFinding {
  const runbookUrl = runbookLink(runbookBaseUrl, finding.runbook);
  const omitted = finding.evidence.length - lines;
  return {
    ...finding,
    ...{ account, region },
    kind: update ? 'update' : 'finding',
    ...(update ? { update } : {}),
    evidence: [...firstAndLast(finding.evidence, lines)],
    ...(omitted > 0 ? { evidenceOmitted: omitted } : {}),
    ...(runbookUrl !== undefined && { runbookUrl }),
    ...(dagOwners !== undefined && dagOwners.length > 0 && { dagOwners }),
  };
}

/** The first lines show what led to a change, the last its outcome. */
function firstAndLast<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  const first = Math.ceil(count / 2);
  return [...items.slice(0, first), ...items.slice(items.length - (count - first))];
}

/** Message attributes for the filter policies of subscriptions. */
export function attributesOf(about: {
  readonly kind: 'finding' | 'update' | 'digest' | 'minimal';
  readonly severity: Severity;
  readonly environment: string;
  readonly detections: readonly string[];
}): Notification['MessageAttributes'] {
  const text = (value: string) => ({ DataType: 'String' as const, StringValue: value });
  return {
    kind: text(about.kind),
    severity: text(about.severity),
    environment: text(about.environment),
    detections: { DataType: 'String.Array', StringValue: JSON.stringify(about.detections) },
  };
}

/**
 * A message to the findings topic, with the findings that its mail and its JSON name. Only these may
 * be recorded as sent.
 */
export interface Message {
  readonly notification: Notification;
  readonly named: readonly Finding[];
}
