import { severityRank } from '../findings/change.ts';
import type { Finding } from '../findings/finding.ts';
import type { PublishedMinimal } from '../findings/finding-schema.ts';
import { bytesOf } from './message-size.ts';
import { attributesOf, type Notification } from './notification.ts';
import { subjectOf } from './subject.ts';

/** Far below what SNS takes: whatever was refused before, it was not for its size. */
const messageBytesMax = 20_000;

/**
 * A message that has nothing of the log in it but titles in plain ASCII: for findings whose message SNS
 * refused. Their ids are the same, and the ledger has the rest.
 *
 * @param findings at least one
 * @throws RangeError for none
 */
export function minimalNotification(
  findings: readonly Finding[],
  environment: string,
): Notification {
  const sorted = findings.toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity));
  const [worst] = sorted;
  if (worst === undefined) throw new RangeError('a message needs at least one finding, got 0');
  const lines = sorted.map(({ id, severity, title, firstSeen, runbook }) => {
    return `${severity} ${firstSeen} ${subjectOf(title)} (finding ${id}, ${runbook})`;
  });
  while (bytesOf(lines.join('\n')) > messageBytesMax) lines.length = Math.floor(lines.length * 0.8);
  const omitted = sorted.length - lines.length;
  const text = [
    'SNS refused the whole message of what follows, so that its evidence is left out here.',
    '',
    ...lines,
    ...(omitted > 0 ? [`and ${omitted} more`] : []),
  ].join('\n');
  const published: PublishedMinimal = {
    schema: 1,
    kind: 'minimal',
    environment,
    severity: worst.severity,
    findings: sorted.slice(0, lines.length).map(({ id, severity }) => ({ id, severity })),
    ...(omitted > 0 ? { findingsOmitted: omitted } : {}),
  };
  const subject = subjectOf(
    `[${worst.severity.toUpperCase()}] ${environment}: finding ${worst.id}${sorted.length > 1 ? ` and ${sorted.length - 1} more` : ''}`,
  );
  return {
    Subject: subject,
    Message: JSON.stringify({ default: JSON.stringify(published), email: text, sms: subject }),
    MessageStructure: 'json',
    MessageAttributes: attributesOf({
      kind: 'minimal',
      severity: worst.severity,
      environment,
      detections: [],
    }),
  };
}
