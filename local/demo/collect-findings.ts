import type { FindingResult } from './demo-result.ts';
import type { FindingNotification } from './finding-notifications.ts';

/** Every finding that was notified, once, in the state in which it was notified last. */
export function findingResults(notifications: readonly FindingNotification[]): FindingResult[] {
  const findings = new Map<string, FindingResult>();
  for (const { atEpochMs, subject, published } of notifications) {
    for (const told of published.kind === 'digest' ? published.findings : [published]) {
      const { id, severity, title, outcome, firstSeen } = told;
      const before = findings.get(id);
      const isWhole = 'evidence' in told;
      const logGroup = isWhole ? told.evidence[0]?.logGroup : logGroupOf(told.logStreamLink);
      findings.set(id, {
        ...{ id, severity, title, outcome, firstSeen },
        ...(logGroup !== undefined && { logGroup }),
        notifiedEpochMs: before?.notifiedEpochMs ?? atEpochMs,
        notifiedAs: [
          ...(before?.notifiedAs ?? []),
          { atEpochMs, kind: published.kind, severity, subject },
        ],
        detections: isWhole ? told.detections : [],
        actor: isWhole ? told.actor : {},
        ...(isWhole && told.target !== undefined ? { target: told.target } : {}),
        ...(isWhole && told.role !== undefined ? { role: told.role } : {}),
        evidence: isWhole ? told.evidence : [],
      });
    }
  }
  return [...findings.values()].sort(
    (a, b) => Date.parse(a.firstSeen) - Date.parse(b.firstSeen) || (a.id < b.id ? -1 : 1),
  );
}

/** A digest names the log group in its link to the console alone. */
function logGroupOf(link: string): string | undefined {
  return /\/log-group\/([\w-]+)/.exec(link)?.[1];
}
