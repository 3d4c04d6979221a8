import type { Finding } from '../../lambda/model/finding.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { renderReplayReport } from '../../local/demo/report/render-report.ts';
import type { ShownFinding } from '../../local/demo/report/report-view.ts';
import type { GroupMatches } from '../../local/log-threads/time-counts.ts';
import type { ReplayedFiles } from '../../local/replay/replay-files.ts';

/** What a replay read, and what it found. */
interface ReplayedLogs {
  readonly source: string;
  readonly mwaaEnvironment: string;
  /** What the logs contain beside the findings, by log group. */
  readonly counted: readonly GroupMatches[];
  readonly range: Window;
  readonly replayed: ReplayedFiles;
  /** What was not read, as a clause. @default - everything was read */
  readonly incomplete?: string;
}

/** The report of a replay, as HTML. */
export function replayReport({
  source,
  mwaaEnvironment,
  counted,
  range,
  replayed,
  incomplete,
}: ReplayedLogs): Promise<string> {
  const findings = replayed.findings.map(shown);
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
