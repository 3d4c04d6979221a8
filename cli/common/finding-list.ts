import { styleText } from 'node:util';
import type { Actor, Finding } from '../../lambda/model/finding.ts';
import { type Severity, severities } from '../../lambda/model/severity.ts';
import { visibleTextUpTo } from '../../local/visible-text.ts';
import { jsonText } from './output.ts';
import { type OutputFormat, rowsAsCsv } from './output-format.ts';

/** The longest title and name shown, in characters: both come from logs. */
const titleCharactersMax = 200;
const nameCharactersMax = 80;

const colours = {
  info: 'gray',
  low: 'gray',
  medium: 'yellow',
  high: 'red',
  critical: 'magenta',
} as const satisfies Record<Severity, string>;

/**
 * One finding as two lines for a terminal: time and title, then actor, outcome and detections.
 *
 * Attackers can write the names, which come from logs: control characters are made visible.
 */
export function findingLines(finding: Finding): string[] {
  const { firstSeen, severity, title, outcome, detections } = finding;
  const when = firstSeen.slice(0, 19).replace('T', ' ');
  const about = [actorText(finding.actor), `outcome ${outcome}`, detections.join(', ')];
  return [
    `${when}  ${severityLabel(severity)}  ${visibleTextUpTo(title, titleCharactersMax)}`,
    `${' '.repeat(when.length + 12)}${about.filter((part) => part !== '').join('; ')}`,
  ];
}

/** The columns of findings as CSV. */
const csvColumns = [
  ...['first_seen', 'last_seen', 'severity', 'outcome', 'title', 'target', 'role', 'dag', 'task'],
  ...['run', 'user', 'detections', 'log_groups', 'id'],
];

/**
 * Findings as the lines to print. JSON and NDJSON have all of a finding; CSV and table have what
 * people read first.
 */
export function printedFindings(findings: readonly Finding[], format: OutputFormat): string[] {
  if (format === 'table') return findings.flatMap(findingLines);
  if (format === 'ndjson') return findings.map((finding) => jsonText(finding));
  if (format === 'json') return [jsonText(findings, 2)];
  const rows = findings.map((finding) => {
    const { firstSeen, lastSeen, severity, outcome, title, target, role, actor } = finding;
    const logGroups = new Set(finding.evidence.map(({ logGroup }) => logGroup));
    return [
      ...[firstSeen, lastSeen, severity, outcome, title, target, role],
      ...[actor.dag ?? actor.dagFile, actor.task, actor.run, actor.user],
      ...[finding.detections.join(' '), [...logGroups].join(' '), finding.id],
    ];
  });
  return [rowsAsCsv(csvColumns, rows)];
}

/**
 * Prints the approved changes on the standard error stream, since they do not count as findings.
 *
 * @param approved the findings of approved changes
 */
export function printApproved(approved: readonly Finding[]): void {
  for (const finding of approved) {
    console.error(`approved in advance, not counted:\n${findingLines(finding).join('\n')}`);
  }
}

/** ` (2 critical, 1 low)`, the worst first; empty without findings. */
export function bySeverity(findings: readonly Finding[]): string {
  const counts = Map.groupBy(findings, ({ severity }) => severity);
  const parts = severities
    .toReversed()
    .flatMap((severity) =>
      counts.has(severity) ? [`${counts.get(severity)?.length} ${severity}`] : [],
    );
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** The severity in its colour, padded to equal width. */
export function severityLabel(severity: Severity): string {
  return styleText(colours[severity], severity.padEnd(8), { stream: process.stdout });
}

function actorText(actor: Actor): string {
  const parts: string[] = [];
  const add = (label: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parts.push(`${label} ${visibleTextUpTo(String(value), nameCharactersMax)}`);
  };
  add('user', actor.user);
  add('DAG', actor.dag);
  add('DAG file', actor.dagFile);
  add('run', actor.run);
  add('task', actor.task);
  add('map index', actor.mapIndex);
  add('attempt', actor.attempt);
  return parts.join(', ');
}
