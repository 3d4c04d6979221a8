import { isOwnDetection } from '../findings/own-finding.ts';
import { type Origin, originOf } from '../model/actor.ts';
import type { Evidence, Finding, Outcome } from '../model/finding.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { firstStep } from './first-step.ts';
import type { Sender } from './sender.ts';

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
  }: { readonly sender: Sender; readonly update: boolean; readonly omitted: number },
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
    ...facts(finding, sender).map(([name, value]) => `${`${name}:`.padEnd(13)}${value}`),
    '',
    'DO FIRST',
    firstStep(finding),
    `Runbook: ${finding.runbook}`,
    ...undoLines(finding),
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

/** The commands that undo the change; empty if there is nothing to undo. */
function undoLines({ undo }: Finding): string[] {
  if (undo === undefined) return [];
  const { commands, isPartial } = undo;
  return [
    '',
    'TO UNDO IT',
    'First check in Airflow under Security > List Users that the change is there, and find out whether it was there before: then there is nothing to undo.',
    ...(commands.length === 0
      ? []
      : ['On Airflow 2, in a task of your own (on Airflow 3 do the same under List Users):']),
    ...commands.map((command) => `    ${command}`),
    ...(isPartial
      ? [
          'Names that are not safe to copy into a command, and all after the first few, are left out: look them up under Security > List Users.',
        ]
      : []),
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
