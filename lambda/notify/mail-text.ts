import { approvedLines } from '../findings/approved-digest.ts';
import { isOwnDetection, type OwnDetection } from '../findings/own-finding.ts';
import { mayHaveHappened } from '../findings/undo.ts';
import { type Origin, originOf } from '../model/actor.ts';
import type { Evidence, Finding, Outcome } from '../model/finding.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { placeText, type Sender } from './subject.ts';

const ownFirstSteps: Readonly<Record<OwnDetection, string>> = {
  'coverage-gap':
    'Find out why the log group could not be read in that time: whether somebody deleted it or shortened its retention, or how long the monitor was down. Then look for privilege changes of that time in other places, as the runbook says.',
  'log-flood':
    'Open the log group at that second and find out what wrote so much: a DAG may flood the log to hide something in it. Then read the rest of that second, as the runbook says.',
  'coverage-changed':
    'If it is blind, set the log type to INFO in the MWAA environment, or restore the missing permission or key; what is logged meanwhile may be lost. If it is covered again and you changed nothing, find out who did.',
  'log-group-silent':
    'Find out why nothing is written there any more: a paused DAG is harmless; a replaced log handler, or a permission that the execution role lost, is not. The runbook says where to look.',
  'unreadable-row':
    'Read the log group at that time, as the runbook says: the row matched a detection, but the monitor could not read it.',
  'unreadable-item':
    'Look at the item in the ledger table, and find out who wrote it: only the scanner should. The runbook says what was skipped.',
  'detection-refused':
    "Read what AWS says about the query. Correct the detection, or disable it in the environment's file, and deploy; until then, look for its lines by hand, as the runbook says.",
  'approved-changes':
    "Read the list: each line is a change that was not sent because an approval in the environment's file covers it. If you do not recognize an approval, ask its owner, and correct or remove it.",
  'change-flood':
    'Treat it as its severity says, and ask the owners of the DAGs or users that it names. Then read the lines with `replay`, as the runbook says: one change may be hidden among many.',
};

/** What the person on call does first; depends on where the change came from. */
export function firstStep(finding: Finding): string {
  const own = finding.detections.find(isOwnDetection);
  if (own !== undefined) return ownFirstSteps[own];
  const [first] = finding.evidence;
  const { dag, run, dagFile, user } = finding.actor;
  const origin = first === undefined ? 'service' : originOf(first);
  if (!mayHaveHappened(finding.outcome)) return attemptStep(finding, origin);
  switch (origin) {
    case 'task':
      return `Ask the owner of DAG ${shownName(dag ?? '?')} whether run ${shownName(run ?? '?', 100)} was meant to do this. If nobody knows, pause the DAG, then undo the change as the runbook says.`;
    case 'dag-file':
      return `Look at what changed in ${shownName(dagFile ?? 'the DAG files')} in the environment's S3 bucket, and who uploaded it. If it was not meant, remove the file, then undo the change as the runbook says.`;
    case 'startup-script':
      return "Look at what changed in the environment's startup script in S3, and who uploaded it. If it was not meant, restore the script, then undo the change as the runbook says.";
    case 'web-server':
      return `${user === undefined ? 'Find out who it was' : `Ask whoever uses Airflow user ${shownName(user)}, and find out whether it was that person`}: CreateWebLoginToken in CloudTrail shortly before, or InvokeRestApi for a request to the REST API. Airflow's audit log has no row of such a change. If it was not meant, undo the change as the runbook says.`;
    default:
      return 'Find out which process wrote the lines and who started it. If it was not meant, undo the change as the runbook says.';
  }
}

const attempts: Readonly<Partial<Record<Outcome, string>>> = {
  failed: 'failed',
  denied: 'was refused',
  'no-effect': 'changed nothing',
};

/** An attempt leaves nothing to undo, but who made it, and what allowed it, is still there. */
function attemptStep({ outcome, actor: { dag, run, dagFile } }: Finding, origin: Origin): string {
  const ended = attempts[outcome] ?? 'failed';
  if (origin === 'web-server') {
    return `There is nothing to undo: the web server says that it ${ended}. Find out who tried: CreateWebLoginToken in CloudTrail shortly before, or InvokeRestApi for a request to the REST API. If it was not meant, take away what let that person get so far: the right to call either of them, and the account in Airflow.`;
  }
  const nothing = `There is nothing to undo if the log is right that it ${ended}. The author of the code could have printed that: check under Security > List Users and List Roles that nothing has changed.`;
  const takeAway =
    'take away what let it try: the code, and the right of the person who added it to write to';
  switch (origin) {
    case 'task':
      return `${nothing} Ask the owner of DAG ${shownName(dag ?? '?')} whether run ${shownName(run ?? '?', 100)} was meant to try this. If nobody knows, pause the DAG and ${takeAway} the environment's S3 bucket.`;
    case 'dag-file':
      return `${nothing} Look at what changed in ${shownName(dagFile ?? 'the DAG files')} in the environment's S3 bucket, and who uploaded it. If it was not meant, ${takeAway} that bucket.`;
    case 'startup-script':
      return `${nothing} Look at what changed in the environment's startup script in S3, and who uploaded it. If it was not meant, ${takeAway} the environment's S3 bucket.`;
    default:
      return `${nothing} Find out which process wrote the lines and who started it. If it was not meant, take away what let it try.`;
  }
}

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
    firstStep(finding),
    'An approval is worth as much as write access to the DAG bucket: anybody who has it can name any DAG.',
    `Runbook: ${runbook} (how to review approvals, and how to list what is not in this mail)`,
    '',
    'CHANGES (time of the first line, severity, change, approval, finding id)',
    ...lines.map((line) => `- ${line}`),
    '',
    `Finding ${id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}
