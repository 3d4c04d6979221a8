import type { Finding } from '../../../lambda/model/finding.ts';
import { type Severity, severities } from '../../../lambda/model/severity.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import type { Label } from '../../fixtures/sessions/labelled-session.ts';

/** How findings compare with the real changes; each list names errors. */
export interface Score {
  readonly changes: number;
  readonly missed: readonly string[];
  /** Findings at medium or above made of benign lines only. */
  readonly falseFindings: readonly string[];
  /** Findings about several changes, or with a benign line as evidence. */
  readonly merged: readonly string[];
  /** Changes without a finding at medium or above, except mild ones. */
  readonly tooMild: readonly string[];
  /** Findings about attempts above medium. */
  readonly loudAttempts: readonly string[];
  /** Grants by the CLI whose finding does not name user and role. */
  readonly wrongNames: readonly string[];
  readonly findingsPerChange: number;
}

interface Place {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timestamp: string | number;
}

function placeKey({ logGroup, logStream, timestamp }: Place): string {
  return JSON.stringify([logGroup, logStream, new Date(timestamp).getTime()]);
}

const rank = (severity: Severity) => severities.indexOf(severity);
const atLeast = (finding: Finding, severity: Severity) => rank(finding.severity) >= rank(severity);

/** Compares findings with the labels of their session. */
export function scoreFindings(
  findings: readonly Finding[],
  { events, labels }: { readonly events: readonly LogEvent[]; readonly labels: readonly Label[] },
): Score {
  const labelsByPlace = Map.groupBy(labels, ({ line }) => {
    const event = events[line - 1];
    if (event === undefined) throw new RangeError(`there is no line ${line}`);
    return placeKey(event);
  });
  const changes = Map.groupBy(
    labels.filter((label) => label.class === 'change'),
    ({ action }) => action,
  );
  const seen = new Map<string, Finding[]>();
  const falseFindings: string[] = [];
  const merged: string[] = [];
  const loudAttempts: string[] = [];

  for (const finding of findings) {
    const hits = finding.evidence.map((evidence) => labelsByPlace.get(placeKey(evidence)) ?? []);
    const all = hits.flat();
    if (all.length === 0) {
      if (atLeast(finding, 'medium')) falseFindings.push(shown(finding));
      continue;
    }
    const isReal = all.some((label) => label.class === 'change');
    const isOne = all.some(({ action }) =>
      hits.every((hit) => hit.some((label) => label.action === action)),
    );
    if (isReal && !isOne) merged.push(shown(finding));
    const isAttempt = all.every((label) => label.class === 'attempt');
    if (isAttempt && atLeast(finding, 'high')) loudAttempts.push(shown(finding));
    if (!atLeast(finding, 'low')) continue;
    for (const action of new Set(all.map((label) => label.action))) {
      if (!all.some((label) => label.class === 'change' && label.action === action)) continue;
      seen.set(action, [...(seen.get(action) ?? []), finding]);
    }
  }

  const tooMild: string[] = [];
  const wrongNames: string[] = [];
  for (const [action, found] of seen) {
    const ofAction = changes.get(action) ?? [];
    if (!ofAction.every(({ mild }) => mild) && !found.some((one) => atLeast(one, 'medium'))) {
      tooMild.push(action);
    }
    const [, target, role] =
      /users add-role (?:-u|--username) "?([^\s"]+)"? (?:-r|--role) "?([A-Za-z]+)/.exec(action) ??
      [];
    const isTold = found.some((one) => one.target === target && one.role === role);
    if (ofAction.some(({ granted }) => granted) && target !== undefined && !isTold) {
      wrongNames.push(action);
    }
  }
  const found = [...seen.values()].reduce((sum, list) => sum + list.length, 0);
  return {
    changes: changes.size,
    missed: [...changes.keys()].filter((action) => !seen.has(action)),
    ...{ falseFindings, merged, tooMild, loudAttempts, wrongNames },
    findingsPerChange: found / Math.max(1, seen.size),
  };
}

function shown({ severity, title, detections, evidence }: Finding): string {
  return `${severity} ${title} [${detections}] ${evidence[0]?.message.slice(0, 160)}`;
}
