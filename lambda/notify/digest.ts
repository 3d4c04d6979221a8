import { severityRank } from '../findings/change.ts';
import { type Finding, severities } from '../findings/finding.ts';
import type { DigestEntry, PublishedDigest } from '../findings/finding-schema.ts';
import { bytesOf, messageBytesMax } from './message-size.ts';
import { attributesOf, type Notification } from './notification.ts';
import { subjectOf } from './subject.ts';

/** Notifications of single findings in a tick; the rest comes as one digest. */
export const notificationsMax = 20;

/** The order in which people are told: the worst first, then the earliest. */
function worstFirst(a: Finding, b: Finding): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) ||
    Date.parse(a.firstSeen) - Date.parse(b.firstSeen) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Which findings of a tick get a notification of their own, and which share the digest. */
export function planNotifications(findings: readonly Finding[]): {
  readonly single: readonly Finding[];
  readonly digest: readonly Finding[];
} {
  const sorted = findings.toSorted(worstFirst);
  return { single: sorted.slice(0, notificationsMax), digest: sorted.slice(notificationsMax) };
}

/**
 * One message for many findings: how many of each severity, and each with its id, the worst first.
 * The mildest are left out, and said to be, until the message fits.
 *
 * @param findings at least one
 * @throws RangeError for none
 */
export function digestOf(findings: readonly Finding[], environment: string): Notification {
  const sorted = findings.toSorted(worstFirst);
  const [worst] = sorted;
  if (worst === undefined) throw new RangeError('a digest needs at least one finding, got 0');
  const subject = subjectOf(
    `[${worst.severity.toUpperCase()}] ${environment}: ${findings.length} privilege changes (digest)`,
  );
  const attributes = attributesOf({
    kind: 'digest',
    severity: worst.severity,
    environment,
    detections: [...new Set(sorted.flatMap(({ detections }) => detections))].slice(0, 50),
  });
  const room = messageBytesMax - bytesOf(JSON.stringify(attributes)) - bytesOf(subject);
  let listed = sorted.length;
  let message = messageOf(sorted, listed, environment, subject);
  while (listed > 0 && bytesOf(message) > room) {
    listed = Math.floor(listed * 0.8);
    message = messageOf(sorted, listed, environment, subject);
  }
  return {
    Subject: subject,
    Message: message,
    MessageStructure: 'json',
    MessageAttributes: attributes,
  };
}

function messageOf(
  sorted: readonly Finding[],
  listed: number,
  environment: string,
  subject: string,
): string {
  const shown = sorted.slice(0, listed);
  const omitted = sorted.length - listed;
  const counts = new Map(
    severities
      .toReversed()
      .map((severity) => [severity, sorted.filter((f) => f.severity === severity).length] as const)
      .filter(([, count]) => count > 0),
  );
  const digest: PublishedDigest = {
    schema: 1,
    kind: 'digest',
    environment,
    severity: sorted[0]?.severity ?? 'info',
    count: sorted.length,
    bySeverity: Object.fromEntries(counts),
    findings: shown.map(entryOf),
    ...(omitted > 0 ? { findingsOmitted: omitted } : {}),
  };
  return JSON.stringify({
    default: JSON.stringify(digest),
    email: mailText(digest, shown, counts, omitted),
    sms: subject,
  });
}

function entryOf({ id, severity, title, outcome, firstSeen, links }: Finding): DigestEntry {
  return { id, severity, title, outcome, firstSeen, logStreamLink: links.logStream };
}

function mailText(
  { environment, count }: PublishedDigest,
  shown: readonly Finding[],
  counts: ReadonlyMap<string, number>,
  omitted: number,
): string {
  return [
    `${count} privilege changes in ${environment} that were not sent one by one.`,
    [...counts].map(([severity, number]) => `${number} ${severity}`).join(', '),
    '',
    ...shown.flatMap(({ id, severity, title, firstSeen, links, runbook }) => [
      `${severity.toUpperCase()}  ${firstSeen.replace('T', ' ').replace('Z', ' UTC')}  ${title}`,
      `    ${links.logStream}`,
      `    finding ${id}, ${runbook}`,
    ]),
    ...(omitted > 0 ? [`… and ${omitted} more, the mildest; replay prints them all.`] : []),
    '',
    'DO FIRST',
    'So many changes at once are a migration that somebody can tell you about, or an attack. Begin with the worst: open its log stream, then the runbook that stands under it.',
    '',
  ].join('\n');
}
