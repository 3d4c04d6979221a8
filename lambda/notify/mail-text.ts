import type { Evidence, Finding, Outcome } from '../findings/finding.ts';
import { escaped, shownName } from '../findings/show-text.ts';
import { firstStep } from './first-step.ts';

const outcomes: Readonly<Record<Outcome, string>> = {
  succeeded: 'it happened',
  failed: 'it was tried and failed',
  denied: 'it was tried and refused',
  'no-effect': 'it ran and changed nothing',
  unknown: 'not visible in the log; take it for done until you know better',
};

/**
 * The body of a mail that a person can act on: what happened, who, whom, when, how sure, the lines
 * that show it, where to look and what to do first. Text from the log is escaped.
 *
 * @param shown the lines of evidence in it
 * @param omitted how many more there are
 */
export function mailText(
  finding: Finding,
  shown: readonly Evidence[],
  { update, omitted }: { readonly update: boolean; readonly omitted: number },
): string {
  return [
    finding.title,
    '',
    ...(update
      ? [
          'UPDATE: this finding was published before. It is worse now, or it names more users or roles.',
          '',
        ]
      : []),
    ...facts(finding).map(([name, value]) => `${`${name}:`.padEnd(13)}${value}`),
    '',
    'DO FIRST',
    firstStep(finding),
    `Runbook: ${finding.runbook}`,
    '',
    'EVIDENCE (secrets are hidden, long lines are cut)',
    ...shown.flatMap(evidenceLines),
    ...(omitted > 0 ? [`… and ${omitted} more lines, which the links below show.`] : []),
    '',
    'LINKS',
    `Log stream:    ${finding.links.logStream}`,
    `Logs Insights: ${finding.links.insights}`,
    ...(finding.links.airflow === undefined ? [] : [`Airflow:       ${finding.links.airflow}`]),
    '',
    `Finding ${finding.id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}

function facts(finding: Finding): (readonly [string, string])[] {
  const { actor, target, role, firstSeen, lastSeen } = finding;
  const who = [
    actor.user === undefined ? '' : `Airflow user ${shownName(actor.user, 100)}`,
    actor.dag === undefined ? '' : `DAG ${shownName(actor.dag, 100)}`,
    actor.task === undefined ? '' : `task ${shownName(actor.task, 100)}`,
    actor.run === undefined ? '' : `run ${shownName(actor.run, 200)}`,
    actor.mapIndex === undefined ? '' : `map index ${actor.mapIndex}`,
    actor.attempt === undefined ? '' : `attempt ${actor.attempt}`,
    actor.dagFile === undefined ? '' : `DAG file ${shownName(actor.dagFile, 200)}`,
  ].filter((part) => part !== '');
  const when = firstSeen === lastSeen ? utc(firstSeen) : `${utc(firstSeen)} to ${utc(lastSeen)}`;
  return [
    ['Severity', finding.severity],
    ['Environment', escaped(finding.environment)],
    ['Who', who.length === 0 ? 'the log does not tell' : who.join(', ')],
    ...(target === undefined ? [] : [['Whom', escaped(target)] as const]),
    ...(role === undefined ? [] : [['Role', escaped(role)] as const]),
    ['When', when],
    ['Outcome', outcomes[finding.outcome]],
    ['Why', `${finding.detections.join(', ')}${attackText(finding)}`],
    [
      'Detected',
      `${utc(finding.detectedAt)}${finding.late ? ', late: its lines came after their time had been scanned' : ''}`,
    ],
  ];
}

function attackText({ attack }: Finding): string {
  return attack.length === 0 ? '' : ` (ATT&CK ${attack.join(', ')})`;
}

function evidenceLines({ logGroup, logStream, timestamp, message, cut, occurrences }: Evidence) {
  const times = occurrences > 1 ? `, ${occurrences} times` : '';
  const cutOff = cut ? ', which the log may have cut off: what followed is not known' : '';
  return [
    `- ${utc(timestamp)}  ${escaped(logGroup)}  ${escaped(logStream)}${times}${cutOff}`,
    `    ${escaped(message)}`,
  ];
}

/** `2026-11-22 05:50:01.362 UTC` */
function utc(isoTime: string): string {
  return `${isoTime.replace('T', ' ').replace('Z', '')} UTC`;
}
