import type { Finding } from '../../lambda/model/finding.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { renderReplayReport } from '../../local/demo/report/render-report.ts';
import type { ShownFinding } from '../../local/demo/report/report-view.ts';
import { countMatches } from '../../local/replay/count-matches.ts';
import type { QueryRunner, Replayed } from '../../local/replay/replay-logs.ts';

/** What a replay read, and what it found. */
interface ReplayedLogs {
  readonly source: string;
  readonly mwaaEnvironment: string;
  readonly logGroups: readonly string[];
  readonly range: Window;
  readonly nowEpochMs: number;
  readonly replayed: Replayed;
  /** What was not read, as a clause. @default - everything was read */
  readonly incomplete?: string;
}

/** The report of a replay, as HTML. Counts in the logs what is shown beside the findings. */
export async function replayReport(
  engine: QueryRunner,
  { source, mwaaEnvironment, logGroups, range, nowEpochMs, replayed, incomplete }: ReplayedLogs,
): Promise<string> {
  const findings = replayed.findings.map(shown);
  const counted = await countMatches(engine, logGroups, range, nowEpochMs);
  return renderReplayReport({
    ...{ source, mwaaEnvironment, findings, span: range },
    events: counted.reduce((sum, { events }) => sum + events, 0),
    matchedEvents: replayed.matchedEvents,
    approved: replayed.approved.map(shown),
    ...(incomplete !== undefined && { incomplete }),
    logGroups: counted.map((group) => ({
      ...group,
      findings: findings.filter(({ logGroup }) => logGroup === group.logGroup).length,
    })),
  });
}

function shown(finding: Finding): ShownFinding {
  const { target, role, ...others } = finding;
  const logGroup = finding.evidence[0]?.logGroup;
  return {
    ...others,
    ...(target !== undefined && { target }),
    ...(role !== undefined && { role }),
    ...(logGroup !== undefined && { logGroup }),
  };
}
