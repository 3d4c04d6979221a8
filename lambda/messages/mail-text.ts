import { approvedLines } from '../findings/approved-digest.ts';
import { airflowListLink } from '../findings/links.ts';
import { isOwnDetection } from '../findings/own-finding.ts';
import { type Origin, originOf } from '../model/actor.ts';
import type { Evidence, Finding, Outcome } from '../model/finding.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { firstSteps, stepLines, uploadsRunbook } from './first-steps.ts';
import { placeText, type Sender, shownRunbook } from './subject.ts';
import { undoLines } from './undo-lines.ts';

const outcomes: Readonly<Record<Outcome, string>> = {
  succeeded: 'it happened',
  failed: 'the log says that it was tried and failed',
  denied: 'the log says that it was tried and refused',
  'no-effect': 'the log says that it ran and changed nothing',
  unknown: 'not visible in the log; assume that it happened until you know better',
};

/**
 * The body of a mail that a person can act on: what happened, who did it to whom and when, how
 * certain it is, the lines that show it, where to look and what to do first. Text from the log is
 * escaped.
 *
 * @param shown the lines of evidence that the mail shows
 * @param omitted how many more lines the finding has
 */
export function mailText(
  finding: Finding,
  shown: readonly Evidence[],
  {
    sender,
    update,
    omitted,
    dagOwners,
  }: {
    readonly sender: Sender;
    readonly update: boolean;
    readonly omitted: number;
    /** Who owns the DAG, as its log says. @default - not known */
    readonly dagOwners?: readonly string[] | undefined;
  },
): string {
  const steps = firstSteps(finding, { sender, dagOwners });
  const isAboutUploads = steps.some(({ asksForUploads }) => asksForUploads);
  return [
    finding.title,
    '',
    ...(update
      ? [
          'UPDATE: this finding was published before. It is worse now, or it names more users or roles.',
          '',
        ]
      : []),
    ...facts(finding, sender).map(([name, value]) => `${`${name}:`.padEnd(13)}${value}`),
    '',
    'DO FIRST',
    ...stepLines(steps),
    '',
    `Runbook:            ${shownRunbook(sender, finding.runbook)}`,
    ...(isAboutUploads ? [`Runbook on uploads: ${shownRunbook(sender, uploadsRunbook)}`] : []),
    ...undoLines(finding, sender),
    '',
    'EVIDENCE (secrets are hidden, long lines are cut)',
    ...shown.flatMap(evidenceLines),
    ...(omitted > 0
      ? [`… and ${omitted} more ${omitted === 1 ? 'line' : 'lines'}, which the links below show.`]
      : []),
    '',
    'LINKS',
    `Log stream:    ${finding.links.logStream}`,
    `Logs Insights: ${finding.links.insights}`,
    ...(finding.links.airflow === undefined ? [] : [`Airflow:       ${finding.links.airflow}`]),
    ...listLinks(finding, sender),
    '',
    `Finding ${finding.id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}

function facts(finding: Finding, { account, region }: Sender): (readonly [string, string])[] {
  const { actor, target, role, firstSeen, lastSeen } = finding;
  // A finding about the monitor itself has no actor and no outcome.
  const [first] = finding.evidence;
  const origin = first && originOf(first);
  const isOwn = finding.detections.some(isOwnDetection);
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
    ['Account', account],
    ['Region', region],
    ...(isOwn ? [] : [['Who', who.length === 0 ? unnamedActor(origin) : who.join(', ')] as const]),
    ...(target === undefined ? [] : [['Whom', shownTarget(target, origin)] as const]),
    ...(role === undefined ? [] : [['Role', escaped(role)] as const]),
    ['When', when],
    ...(isOwn ? [] : [['Outcome', outcomes[finding.outcome]] as const]),
    ['Why', `${finding.detections.join(', ')}${attackText(finding)}`],
    ['Detected', `${utc(finding.detectedAt)}${foundByText(finding)}`],
  ];
}

function unnamedActor(origin: Origin | undefined): string {
  return origin === 'startup-script' ? "the environment's startup script" : 'not in the log';
}

/** A web request names a record by its number. */
function shownTarget(target: string, origin: Origin | undefined): string {
  const isRecord = origin === 'web-server' && /^\d{1,12}$/.test(target);
  return isRecord ? `record ${target}` : escaped(target);
}

function foundByText({ late, laterLook }: Finding): string {
  if (late) return ', late: its lines arrived after their time had been scanned';
  if (!laterLook) return '';
  return ', by a later look: its lines were there when their time was first scanned, but no detection recognized them then (the detection is new, or was refused)';
}

/** Where Airflow shows who has which role; empty for a finding about the monitor itself. */
function listLinks({ detections }: Finding, { airflow }: Sender): string[] {
  if (airflow?.host === undefined || detections.some(isOwnDetection)) return [];
  const web = { ...airflow, host: airflow.host };
  return [
    `List Users:    ${airflowListLink(web, 'users')}`,
    `List Roles:    ${airflowListLink(web, 'roles')}`,
  ];
}

function attackText({ attack }: Finding): string {
  return attack.length === 0 ? '' : ` (ATT&CK ${attack.join(', ')})`;
}

function evidenceLines({ logGroup, logStream, timestamp, message, cut, occurrences }: Evidence) {
  const times = occurrences > 1 ? `, ${occurrences} times` : '';
  const cutOff = cut ? ', possibly cut off by the log: what followed is not known' : '';
  return [
    `- ${utc(timestamp)}  ${escaped(logGroup)}  ${escaped(logStream)}${times}${cutOff}`,
    `    ${escaped(message)}`,
  ];
}

/** `2026-11-22 05:50:01.362 UTC` */
function utc(isoTime: string): string {
  return `${isoTime.replace('T', ' ').replace('Z', '')} UTC`;
}

/** The mail's body for a day's digest of approved changes; undefined for any other finding. */
export function approvedText(finding: Finding, sender: Sender): string | undefined {
  const lines = approvedLines(finding);
  if (lines.length === 0) return undefined;
  const { id, title, runbook, environment, firstSeen, lastSeen } = finding;
  return [
    `${title}.`,
    '',
    `Environment: ${environment}, ${placeText(sender)}`,
    `Recorded:    ${firstSeen.slice(0, 16).replace('T', ' ')} to ${lastSeen.slice(0, 16).replace('T', ' ')} UTC`,
    '',
    'DO FIRST',
    ...stepLines(firstSteps(finding, { sender })),
    'An approval is worth as much as write access to the DAG bucket: anybody who has it can name any DAG.',
    `Runbook: ${shownRunbook(sender, runbook)} (how to review approvals, and how to list what is not in this mail)`,
    '',
    'CHANGES (time of the first line, severity, change, approval, finding id)',
    ...lines.map((line) => `- ${line}`),
    '',
    `Finding ${id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}
