import { approvedLines } from '../findings/approved-digest.ts';
import { severityRank } from '../findings/change.ts';
import { type Finding, type Severity, severities } from '../findings/finding.ts';
import { actorOfFinding } from '../findings/finding-actor.ts';
import type { DigestEntry, PublishedDigest } from '../findings/finding-schema.ts';
import { floodActorLines } from '../findings/flood-finding.ts';
import { escaped, shownName } from '../findings/show-text.ts';
import type { Message } from './message.ts';
import { bytesOf, messageBytesMax } from './message-size.ts';
import { attributesOf, type Notification } from './notification.ts';
import { placeText, type Sender } from './sender.ts';
import { subjectOf } from './subject.ts';

interface DigestOptions {
  readonly sender: Sender;
  /** How many more findings wait for further messages. */
  readonly following?: number;
}

/** Detections in the attributes of a digest, for filter policies. */
const attributeDetectionsMax = 50;
/** Runbooks that a block of the mail names. */
const runbooksMax = 5;

/**
 * One message that names many findings, each in a line of its own, in blocks by actor, the worst first.
 *
 * It takes as many findings from the front as fit into a message of SNS, at least one; what it does
 * not name is for the next message.
 *
 * @param findings at least one, those to be named first at the front
 * @throws RangeError for none
 */
export function digestOf(
  findings: readonly Finding[],
  { sender, following = 0 }: DigestOptions,
): Message {
  if (findings.length === 0) throw new RangeError('a digest needs at least one finding, got 0');
  for (let count = countThatFits(findings); ; count = Math.floor(count * 0.9)) {
    const named = findings.slice(0, Math.max(1, count));
    const left = following + findings.length - named.length;
    const notification = notificationOf(named, sender, left);
    if (named.length === 1 || sizeOf(notification) <= messageBytesMax) {
      return { notification, named };
    }
  }
}

/** What is in a digest but its findings: texts around the list, subject, attributes. */
const bytesAround = 10_000;

function countThatFits(findings: readonly Finding[]): number {
  const actors = new Set<string>();
  let bytes = bytesAround;
  const tooMany = findings.findIndex((finding) => {
    const { key } = actorOfFinding(finding);
    const lines = actors.has(key) ? [line(finding)] : [...blockHead([finding]), line(finding), ''];
    actors.add(key);
    bytes += inJson(`${JSON.stringify(entryOf(finding))},`) + inJson(`${lines.join('\n')}\n`);
    return bytes > messageBytesMax;
  });
  return tooMany < 0 ? findings.length : tooMany;
}

/** Bytes of a text within the JSON of `Message`. */
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
 * The link to a log stream whose name takes 20 characters of it for each of its own leads to the log
 * group instead: else invented names would make a digest hold a dozen findings.
 */
function shortLink(link: string): string {
  const end = link.length > linkCharactersMax ? link.indexOf('/log-events/') : -1;
  return end < 0 ? link : link.slice(0, end);
}

/** @param sorted the worst first */
function mailText(sorted: readonly Finding[], sender: Sender, following: number): string {
  return [
    `${sorted.length === 1 ? '1 finding' : `${sorted.length} findings`} in ${escaped(sender.environment)} (${placeText(sender)}) that ${sorted.length === 1 ? 'was' : 'were'} not sent one by one: ${shownCounts(sorted)}.`,
    ...(following > 0
      ? [`${following} more come in further messages, at the latest after the next scans.`]
      : []),
    '',
    'DO FIRST',
    'Many changes at once are a migration that somebody can confirm, or an attack. A flood may be meant to hide one change: look at the actors with few findings first, then at the worst of each block. Open its log stream and follow its runbook.',
    '',
    ...blocksOf(sorted).flatMap((block) => [...blockHead(block), ...block.map(line), '']),
    'Findings of MWAA Privilege Monitor',
    '',
  ].join('\n');
}

/** By actor: the worst first, among equals those with few findings. */
function blocksOf(sorted: readonly Finding[]): Finding[][] {
  const rank = ([first]: readonly Finding[]) => severityRank(first?.severity ?? 'info');
  return [...Map.groupBy(sorted, (finding) => actorOfFinding(finding).key).values()].sort(
    (a, b) => rank(b) - rank(a) || a.length - b.length,
  );
}

/** @param block the findings of one actor, the worst first, at least one */
function blockHead(block: readonly Finding[]): string[] {
  const [worst] = block;
  if (worst === undefined) return [];
  const runbooks = [...new Set(block.map(({ runbook }) => runbook))];
  const logGroup = worst.evidence[0]?.logGroup;
  return [
    `BY ${actorOfFinding(worst).shown}${logGroup === undefined ? '' : ` in ${escaped(logGroup)}`}: ${shownCounts(block)}`,
    `  Log stream of the first: ${shortLink(worst.links.logStream)}`,
    `  Runbook: ${runbooks.slice(0, runbooksMax).join(', ')}`,
  ];
}

/**
 * `  CRITICAL  2026-03-01 08:51:00.000 UTC  bob was given role Admin by …  [id]`; of a flood also
 * whom it names.
 */
function line(finding: Finding): string {
  const { id, severity, title, firstSeen, target, role } = finding;
  const time = firstSeen.replace('T', ' ').replace('Z', ' UTC');
  const unsaid = [
    ...(target === undefined || isSaid(target, title) ? [] : [`whom: ${escaped(target)}`]),
    ...(role === undefined || isSaid(role, title) ? [] : [`role: ${escaped(role)}`]),
  ];
  const more = unsaid.length === 0 ? '' : ` (${unsaid.join('; ')})`;
  return [
    `  ${severity.toUpperCase().padEnd(8)}  ${time}  ${escaped(title)}${more}  [${id}]`,
    ...floodActorLines(finding).map((actors) => `            ${escaped(actors)}`),
    ...approvedLines(finding).map((approved) => `            ${approved}`),
  ].join('\n');
}

/** Whether a title, which cuts names and leaves out some of many, has a name in full. */
function isSaid(name: string, title: string): boolean {
  return title.includes(shownName(name));
}
