import { isOwnDetection } from '../../../lambda/findings/own-finding.ts';
import type { FindingResult } from '../result/demo-result.ts';
import type { FindingNotification } from '../run/finding-notifications.ts';

/** What one message says about one finding. */
type Reported = Omit<FindingResult, 'notifiedEpochMs' | 'notifiedAs'>;

/** Every notified finding once, in the state of its last notification. */
export function findingResults(notifications: readonly FindingNotification[]): FindingResult[] {
  const findings = new Map<string, FindingResult>();
  for (const notification of notifications) {
    const { atEpochMs, subject, published } = notification;
    for (const reported of reportedBy(notification)) {
      const before = findings.get(reported.id);
      findings.set(reported.id, {
        ...reported,
        notifiedEpochMs: before?.notifiedEpochMs ?? atEpochMs,
        notifiedAs: [
          ...(before?.notifiedAs ?? []),
          { atEpochMs, kind: published.kind, severity: reported.severity, subject },
        ],
      });
    }
  }
  return [...findings.values()].sort(
    (a, b) => Date.parse(a.firstSeen) - Date.parse(b.firstSeen) || (a.id < b.id ? -1 : 1),
  );
}

function reportedBy({ atEpochMs, published }: FindingNotification): Reported[] {
  const unknown = { detections: [], evidence: [], late: false, isOwn: false };
  switch (published.kind) {
    case 'digest':
      return published.findings.map(({ logStreamLink, ...entry }) => {
        const logGroup = logGroupOf(logStreamLink);
        const isOwn = !logStreamLink.includes('/log-events/');
        return { ...unknown, ...entry, isOwn, ...(logGroup !== undefined && { logGroup }) };
      });
    case 'minimal':
      return published.findings.map(({ id, severity }) => ({
        ...unknown,
        ...{ id, severity, actor: {} },
        title: `finding ${id}, of which only the id was sent`,
        outcome: 'unknown' as const,
        firstSeen: new Date(atEpochMs).toISOString(),
      }));
    default: {
      const { id, severity, title, outcome, firstSeen, late, detections, actor, evidence } =
        published;
      const logGroup = evidence[0]?.logGroup;
      return [
        {
          ...{ id, severity, title, outcome, firstSeen, late, detections, actor, evidence },
          isOwn: isOwnDetection(detections[0]),
          ...(logGroup !== undefined && { logGroup }),
          ...(published.target !== undefined && { target: published.target }),
          ...(published.role !== undefined && { role: published.role }),
        },
      ];
    }
  }
}

/**
 * A digest names the log group only in its link to the console; a finding of the monitor itself has
 * no stream.
 */
function logGroupOf(link: string): string | undefined {
  return /\/log-group\/([\w-]+)/.exec(link)?.[1];
}
