import type { QueryRequest, QueryShell } from './query.ts';
import { type GroupOutcome, type Scan, scanGroups } from './scan-groups.ts';
import { windowTimes } from './tick-report.ts';
import type { Deadline } from './time.ts';

/**
 * Scans log groups with a query whose answer is cut off at so many rows: a window with as many is
 * read again in halves, until no part is cut off.
 *
 * A group that one part of the window failed for failed as a whole; so did all of them where a
 * single second holds too many rows.
 */
export async function scanUncut(
  shell: QueryShell,
  request: QueryRequest,
  rowsMax: number,
  deadline: Deadline,
): Promise<Scan> {
  const scan = await scanGroups(shell, request, deadline);
  if (scan.rows.length < rowsMax) return scan;
  const { logGroups, window } = request;
  const about = { logGroups, window: windowTimes(window), rowCount: scan.rows.length };
  const seconds = (window.endEpochMs - window.startEpochMs) / 1000;
  if (seconds <= 1) {
    shell.log('error', 'result-cut-off', about);
    const error = new Error(
      `one second from ${about.window.start} holds ${rowsMax} matching events or more`,
    );
    return {
      ...scan,
      outcomes: new Map(logGroups.map((logGroup) => [logGroup, { kind: 'failed', error }])),
      rows: [],
    };
  }
  shell.log('warn', 'window-halved', about);
  const middleEpochMs = window.startEpochMs + Math.floor(seconds / 2) * 1000;
  const parts: Scan[] = [];
  for (const part of [
    { ...window, endEpochMs: middleEpochMs },
    { ...window, startEpochMs: middleEpochMs },
  ]) {
    parts.push(await scanUncut(shell, { ...request, window: part }, rowsMax, deadline));
  }
  return {
    outcomes: worstOutcomes(parts),
    rows: parts.flatMap(({ rows }) => rows),
    bytesScanned: parts.reduce((sum, part) => sum + part.bytesScanned, scan.bytesScanned),
  };
}

const rank = { scanned: 0, blind: 1, failed: 2 } as const;

/** Of each log group what went worst in several scans of it. */
export function worstOutcomes(scans: readonly Pick<Scan, 'outcomes'>[]): Map<string, GroupOutcome> {
  const worst = new Map<string, GroupOutcome>();
  for (const { outcomes } of scans) {
    for (const [logGroup, outcome] of outcomes) {
      const before = worst.get(logGroup);
      if (before === undefined || rank[outcome.kind] > rank[before.kind]) {
        worst.set(logGroup, outcome);
      }
    }
  }
  return worst;
}
