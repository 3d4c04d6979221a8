import type { Finding } from '../model/finding.ts';
import { severityRank } from '../model/finding.ts';
import type { PublishedMinimal } from '../model/finding-schema.ts';
import type { Message } from './message.ts';
import { bytesOf } from './message-size.ts';
import { attributesOf } from './notification.ts';
import { placeText, type Sender } from './sender.ts';
import { subjectOf } from './subject.ts';

/** Far below the limit of SNS, so that this message is not refused for its size. */
const textBytesMax = 20_000;

/**
 * A message for findings whose full message SNS refused. It holds nothing from the log but titles in
 * plain ASCII; the findings keep their ids, and the ledger has the rest.
 *
 * It takes as many findings from the front as fit, at least one; the rest goes into the next message.
 *
 * @param findings at least one
 * @throws RangeError if there are none
 */
export function minimalMessage(findings: readonly Finding[], sender: Sender): Message {
  const { environment, account, region } = sender;
  let bytes = 0;
  const tooMany = findings.findIndex((finding, at) => {
    bytes += bytesOf(line(finding)) + 1;
    return at > 0 && bytes > textBytesMax;
  });
  const named = tooMany < 0 ? findings : findings.slice(0, tooMany);
  const sorted = named.toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity));
  const [worst] = sorted;
  if (worst === undefined) throw new RangeError('a message needs at least one finding, got 0');
  const text = [
    'SNS refused the whole message about these findings, so their evidence is left out here.',
    `Environment ${subjectOf(environment)}, ${placeText(sender)}.`,
    '',
    ...sorted.map(line),
  ].join('\n');
  const published: PublishedMinimal = {
    schema: 1,
    kind: 'minimal',
    ...{ environment, account, region },
    severity: worst.severity,
    findings: sorted.map(({ id, severity }) => ({ id, severity })),
  };
  const more = sorted.length > 1 ? ` and ${sorted.length - 1} more` : '';
  const subject = subjectOf(
    `[${worst.severity.toUpperCase()}] ${environment}: finding ${worst.id}${more}`,
  );
  return {
    notification: {
      Subject: subject,
      Message: JSON.stringify({ default: JSON.stringify(published), email: text, sms: subject }),
      MessageStructure: 'json',
      MessageAttributes: attributesOf({
        kind: 'minimal',
        severity: worst.severity,
        environment,
        detections: [],
      }),
    },
    named,
  };
}

function line({ id, severity, title, firstSeen, runbook }: Finding): string {
  return `${severity} ${firstSeen} ${subjectOf(title)} (finding ${id}, ${subjectOf(runbook)})`;
}
