import type { QueryRequest, QueryShell } from './query.ts';
import { type GroupOutcome, type Scan, scanGroups } from './scan-groups.ts';
import { windowTimes } from './tick-report.ts';
import type { Deadline } from './time.ts';

/**
 * Scans log groups with a query whose answer is cut off at so many rows: what has as many is read
 * again in smaller parts, first in halves of the window, a single second group by group, until no
 * part is cut off.
 *
 * A group of which a single second holds too many rows failed, and so did one that any part of the
 * window failed for.
 */
export async function scanUncut(
  shell: QueryShell,
  request: QueryRequest,
  rowsMax: number,
  deadline: Deadline,
): Promise<Scan> {
  const scan = await scanGroups(shell, request, deadline);
  const { length: rowCount } = scan.rows;
  if (rowCount < rowsMax) return scan;
  const { logGroups } = request;
  const window = windowTimes(request.window);
  const parts = smallerParts(request);
  if (parts.length === 0) {
    shell.log('error', 'result-cut-off', { logGroups, window, rowCount });
    const error = new Error(`one second from ${window.start} holds ${rowsMax} events or more`);
    const outcomes = logGroups.map((logGroup) => [logGroup, { kind: 'failed', error }] as const);
    return { ...scan, outcomes: new Map(outcomes), rows: [] };
  }
  shell.log('warn', 'scan-split', { logGroups, window, rowCount, parts: parts.length });
  const scans: Scan[] = [];
  for (const part of parts) scans.push(await scanUncut(shell, part, rowsMax, deadline));
  return {
    outcomes: worstOutcomes(scans),
    rows: scans.flatMap(({ rows }) => rows),
    bytesScanned: scans.reduce((sum, part) => sum + part.bytesScanned, scan.bytesScanned),
  };
}

/** None for what cannot be asked in smaller parts: StartQuery takes whole seconds. */
function smallerParts(request: QueryRequest): QueryRequest[] {
  const { logGroups, window } = request;
  const seconds = (window.endEpochMs - window.startEpochMs) / 1000;
  if (seconds > 1) {
    const middleEpochMs = window.startEpochMs + Math.floor(seconds / 2) * 1000;
    return [
      { ...request, window: { ...window, endEpochMs: middleEpochMs } },
      { ...request, window: { ...window, startEpochMs: middleEpochMs } },
    ];
  }
  if (logGroups.length === 1) return [];
  return logGroups.map((logGroup) => ({ ...request, logGroups: [logGroup] }));
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
