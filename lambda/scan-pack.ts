import { type PackEvent, readPackRows } from './pack-rows.ts';
import type { QueryShell } from './query.ts';
import type { GroupOutcome, Scan } from './scan-groups.ts';
import type { ScanPlan } from './scan-plan.ts';
import { scanUncut, worstOutcomes } from './scan-uncut.ts';
import type { Slice } from './slices.ts';
import { windowTimes } from './tick-report.ts';
import type { Deadline } from './time.ts';

/** What the pack's queries found in some slices. */
export interface PackScan {
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Of the groups that every text read in full. */
  readonly events: readonly PackEvent[];
  /** By log group that was read in full, the end of its slice in epoch milliseconds. */
  readonly horizons: ReadonlyMap<string, number>;
  /** Answers that make no sense: nothing of their slices counts. */
  readonly failures: readonly Error[];
  /** Bytes of all queries, those without an answer included. */
  readonly bytesScanned: number;
}

/**
 * Asks every text of the pack over every slice. What a group holds counts only when each of the
 * texts read all of it.
 *
 * Never throws for a query's sake: what failed is in the outcomes.
 */
export async function scanPack(
  shell: QueryShell,
  { packQueries, packRowsMax }: Pick<ScanPlan, 'packQueries' | 'packRowsMax'>,
  slices: readonly Slice[],
  deadline: Deadline,
): Promise<PackScan> {
  const scans = await Promise.all(
    (packQueries.length === 0 ? [] : slices).map(async ({ logGroups, window }) => {
      const answers = await Promise.all(
        packQueries.map(async (query) => {
          const request = { queryString: query.queryString, logGroups, window };
          return { query, scan: await scanUncut(shell, request, packRowsMax, deadline) };
        }),
      );
      return { logGroups, window, answers };
    }),
  );
  const all: Scan[] = scans.flatMap(({ answers }) => answers.map(({ scan }) => scan));
  const outcomes = worstOutcomes(all);
  const bytesScanned = all.reduce((sum, scan) => sum + scan.bytesScanned, 0);
  const horizons = new Map<string, number>();
  const events: PackEvent[] = [];
  const failures: Error[] = [];
  for (const { logGroups, window, answers } of scans) {
    try {
      const found = readPackRows(answers.map(({ query, scan }) => ({ query, rows: scan.rows })));
      for (const event of found) checkPlace(event, { logGroups, window });
      const read = logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === 'scanned');
      for (const logGroup of read) horizons.set(logGroup, window.endEpochMs);
      events.push(...found.filter(({ logGroup }) => horizons.has(logGroup)));
      const about = { logGroups: read, window: windowTimes(window) };
      shell.log('info', 'pack-scanned', { ...about, texts: answers.length, events: found.length });
    } catch (cause) {
      failures.push(new Error("the pack's result makes no sense", { cause }));
    }
  }
  return { outcomes, events, horizons, failures, bytesScanned };
}

function checkPlace({ logGroup, timestamp }: PackEvent, { logGroups, window }: Slice): void {
  if (!logGroups.includes(logGroup)) {
    throw new Error(`a row is of log group "${logGroup}", which was not asked for`);
  }
  if (timestamp < window.startEpochMs || timestamp >= window.endEpochMs) {
    throw new Error(`a row is of ${new Date(timestamp).toISOString()}, which was not asked for`);
  }
}
