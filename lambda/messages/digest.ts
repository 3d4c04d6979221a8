import { approvedLines } from '../findings/approved-digest.ts';
import { pauseCommand } from '../findings/aws-commands.ts';
import { actorOfFinding } from '../findings/finding-actor.ts';
import { floodActorLines } from '../findings/flood-finding.ts';
import type { DigestEntry, Finding, PublishedDigest, PublishedMinimal } from '../model/finding.ts';
import { type Severity, severities, severityRank } from '../model/severity.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { digestSteps, pauseNeeds, stepLines, uploadsRunbook } from './first-steps.ts';
import { attributesOf, type Message, type Notification } from './notification.ts';
import {
  bytesOf,
  messageBytesMax,
  placeText,
  type Sender,
  shownRunbook,
  subjectOf,
} from './subject.ts';
import { digestUndoLines } from './undo-lines.ts';

interface DigestOptions {
  readonly sender: Sender;
  /** How many more findings wait for further messages. */
  readonly following?: number;
}

/** Detections in a digest's attributes, for filter policies. */
const attributeDetectionsMax = 50;
/** Runbooks named in one block of the mail. */
const runbooksMax = 5;

/**
 * One message that names many findings, each on its own line, in blocks by actor, the worst first.
 *
 * It takes as many findings from the front as fit into an SNS message, at least one; the rest goes
 * into the next message.
 *
 * @param findings at least one, in the order in which to name them
 * @throws RangeError if there are none
 */
export function digestOf(
  findings: readonly Finding[],
  { sender, following = 0 }: DigestOptions,
): Message {
  if (findings.length === 0) throw new RangeError('a digest needs at least one finding, got 0');
  for (let count = countThatFits(findings, sender); ; count = Math.floor(count * 0.9)) {
    const named = findings.slice(0, Math.max(1, count));
    const left = following + findings.length - named.length;
    const notification = notificationOf(named, sender, left);
    if (named.length === 1 || sizeOf(notification) <= messageBytesMax) {
      return { notification, named };
    }
  }
}

/** Room for everything in a digest except its findings: texts around the list, subject, attributes. */
const bytesAround = 15_000;

function countThatFits(findings: readonly Finding[], sender: Sender): number {
  const actors = new Set<string>();
  let bytes = bytesAround;
  const tooMany = findings.findIndex((finding) => {
    const { key } = actorOfFinding(finding);
    const lines = actors.has(key)
      ? [line(finding)]
      : [...blockHead([finding], sender), ...pauseLines(finding, sender), line(finding), ''];
    actors.add(key);
    bytes += inJson(`${JSON.stringify(entryOf(finding))},`) + inJson(`${lines.join('\n')}\n`);
    return bytes > messageBytesMax;
  });
  return tooMany < 0 ? findings.length : tooMany;
}

/** Bytes that a text takes within the JSON of `Message`. */
function inJson(text: string): number {
  return bytesOf(JSON.stringify(text)) - 2;
}

function sizeOf({ Subject, Message, MessageAttributes }: Notification): number {
  return bytesOf(Subject) + bytesOf(Message) + bytesOf(JSON.stringify(MessageAttributes));
}

/** @param named at least one */
function notificationOf(
  named: readonly Finding[],
  sender: Sender,
  following: number,
): Notification {
  const { environment, account, region } = sender;
  const sorted = named.toSorted(worstFirst);
  const severity = sorted[0]?.severity ?? 'info';
  const count = named.length;
  const subject = subjectOf(
    `[${severity.toUpperCase()}] ${environment}: ${count} privilege change${count === 1 ? '' : 's'} (digest)`,
  );
  const digest: PublishedDigest = {
    schema: 1,
    kind: 'digest',
    ...{ environment, account, region },
    severity,
    count,
    bySeverity: Object.fromEntries(countsOf(sorted)),
    findings: sorted.map(entryOf),
  };
  return {
    Subject: subject,
    Message: JSON.stringify({
      default: JSON.stringify(digest),
      email: mailText(sorted, sender, following),
      sms: subject,
    }),
    MessageStructure: 'json',
    MessageAttributes: attributesOf({
      kind: 'digest',
      severity,
      environment,
      detections: [...new Set(sorted.flatMap(({ detections }) => detections))].slice(
        0,
        attributeDetectionsMax,
      ),
    }),
  };
}

function worstFirst(a: Finding, b: Finding): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) ||
    Date.parse(a.firstSeen) - Date.parse(b.firstSeen) ||
    (a.id < b.id ? -1 : 1)
  );
}

function countsOf(findings: readonly Finding[]): (readonly [Severity, number])[] {
  return severities
    .toReversed()
    .map((severity) => [severity, findings.filter((f) => f.severity === severity).length] as const)
    .filter(([, count]) => count > 0);
}

function shownCounts(findings: readonly Finding[]): string {
  return countsOf(findings)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ');
}

function entryOf(finding: Finding): DigestEntry {
  const { id, severity, title, actor, target, role, outcome, firstSeen, links } = finding;
  return {
    ...{ id, severity, title, actor },
    ...(target !== undefined && { target }),
    ...(role !== undefined && { role }),
    ...{ outcome, firstSeen, logStreamLink: shortLink(links.logStream) },
  };
}

const linkCharactersMax = 1_000;

/**
 * A link may need 20 characters for each character of a log stream's name. One that is too long links
 * to the log group instead: otherwise invented names could fill a digest with a dozen findings.
 */
function shortLink(link: string): string {
  const end = link.length > linkCharactersMax ? link.indexOf('/log-events/') : -1;
  return end < 0 ? link : link.slice(0, end);
}

/** @param sorted the worst first */
function mailText(sorted: readonly Finding[], sender: Sender, following: number): string {
  const steps = digestSteps(sorted, { sender });
  const isAboutUploads = steps.some(({ asksForUploads }) => asksForUploads);
  const blocks = blocksOf(sorted);
  return [
    `${sorted.length === 1 ? '1 finding' : `${sorted.length} findings`} in ${escaped(sender.environment)} (${placeText(sender)}) that ${sorted.length === 1 ? 'was' : 'were'} not sent one by one: ${shownCounts(sorted)}.`,
    ...(following > 0
      ? [`${following} more follow in further messages, at the latest after the next scans.`]
      : []),
    '',
    'DO FIRST',
    ...stepLines([
      {
        text: `Many changes at once are a migration that somebody can confirm, or an attack. A flood may be meant to hide one change: look at the actors with few findings first, then at the worst of each block. Open the log stream of a finding and follow its runbook.${blocks.some(([first]) => dagOf(first) !== undefined) ? ` If nobody knows a DAG, pause it (${pauseNeeds(sender)}).` : ''}`,
      },
      ...steps,
    ]),
    ...(isAboutUploads ? ['', `Runbook on uploads: ${shownRunbook(sender, uploadsRunbook)}`] : []),
    '',
    ...blocks.flatMap((block, at) => {
      const dag = dagOf(block[0]);
      const isNamedBefore = blocks.slice(0, at).some(([first]) => dagOf(first) === dag);
      return [
        ...blockHead(block, sender),
        ...(isNamedBefore ? [] : pauseLines(block[0], sender)),
        ...block.map(line),
        '',
      ];
    }),
    ...digestUndoLines(sorted, sender),
    'Findings of MWAA Privilege Monitor',
    '',
  ].join('\n');
}

/** The DAG whose block a finding is in; a web user's block has none. */
function dagOf(finding: Finding | undefined): string | undefined {
  return finding?.actor.user === undefined ? finding?.actor.dag : undefined;
}

/** Once for a DAG, whatever it did. */
function pauseLines(finding: Finding | undefined, sender: Sender): string[] {
  const dag = dagOf(finding);
  if (dag === undefined) return [];
  const command = pauseCommand(sender, dag);
  return command === undefined
    ? ['  Pause it in Airflow: no command can name this DAG.']
    : ['  Pause it:', `    ${command}`];
}

/** One block for each actor: the worst first, then those with the fewest findings. */
function blocksOf(sorted: readonly Finding[]): Finding[][] {
  const rank = ([first]: readonly Finding[]) => severityRank(first?.severity ?? 'info');
  return [...Map.groupBy(sorted, (finding) => actorOfFinding(finding).key).values()].sort(
    (a, b) => rank(b) - rank(a) || a.length - b.length,
  );
}

/** @param block the findings of one actor, the worst first, at least one */
function blockHead(block: readonly Finding[], sender: Sender): string[] {
  const [worst] = block;
  if (worst === undefined) return [];
  const runbooks = [...new Set(block.map(({ runbook }) => runbook))];
  const logGroup = worst.evidence[0]?.logGroup;
  return [
    `BY ${actorOfFinding(worst).shown}${logGroup === undefined ? '' : ` in ${escaped(logGroup)}`}: ${shownCounts(block)}`,
    // A mail program takes a comma for a part of the link before it.
    ...runbooks
      .slice(0, runbooksMax)
      .map((runbook) => `  Runbook: ${shownRunbook(sender, runbook)}`),
  ];
}

/**
 * `  CRITICAL  2026-03-01 08:51:00.000 UTC  bob was given role Admin by …  [id]`, and the link to its lines; a
 * flood also lists its actors, a digest of approved changes its changes.
 */
function line(finding: Finding): string {
  const { id, severity, title, firstSeen, target, role, links } = finding;
  const time = firstSeen.replace('T', ' ').replace('Z', ' UTC');
  const unsaid = [
    ...(target === undefined || isSaid(target, title) ? [] : [`whom: ${escaped(target)}`]),
    ...(role === undefined || isSaid(role, title) ? [] : [`role: ${escaped(role)}`]),
  ];
  const more = unsaid.length === 0 ? '' : ` (${unsaid.join('; ')})`;
  return [
    `  ${severity.toUpperCase().padEnd(8)}  ${time}  ${escaped(title)}${more}  [${id}]`,
    `            ${shortLink(links.logStream)}`,
    ...floodActorLines(finding).map((actors) => `            ${escaped(actors)}`),
    ...approvedLines(finding).map((approved) => `            ${approved}`),
  ].join('\n');
}

/** Whether a title has a name in full: titles cut long names and leave out some of many. */
function isSaid(name: string, title: string): boolean {
  return title.includes(shownName(name));
}

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
    bytes += bytesOf(minimalLine(finding)) + 1;
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
    ...sorted.map(minimalLine),
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

function minimalLine({ id, severity, title, firstSeen, runbook }: Finding): string {
  return `${severity} ${firstSeen} ${subjectOf(title)} (finding ${id}, ${subjectOf(runbook)})`;
}
