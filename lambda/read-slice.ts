import type { Lane, Slice } from './lanes.ts';
import { countMatches } from './match-counts.ts';
import { type PackEvent, readPackRows } from './pack-rows.ts';
import type { QueryShell } from './query.ts';
import { type GroupOutcome, type Scan, scanGroups, worstOutcomes } from './scan-groups.ts';
import type { ScanPlan } from './scan-plan.ts';
import type { Deadline } from './time.ts';
import { halves, type Window, windowTimes } from './windows.ts';

/** What one slice holds, as far as its queries completed. */
export interface SliceReading {
  /** It may end before what was asked for, where an answer was cut off. */
  readonly window: Window;
  readonly logGroups: readonly string[];
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Of the groups that every text read in full. */
  readonly events: readonly PackEvent[];
  /** By log group that was read in full, what the documented query counted; absent in a sweep. */
  readonly matches?: ReadonlyMap<string, number>;
  /** Bytes of all queries, those without a usable answer included. */
  readonly bytesScanned: number;
  /** Queries that scanned fewer groups than they were asked to. */
  readonly doubts: number;
  /** It is a single second of one group that holds more events than an answer: some were not read. */
  readonly flooded: boolean;
}

/**
 * Asks the documented query and every text of the pack over a slice; a sweep asks the pack alone.
 *
 * An answer of the pack that is full may be cut off: then the first half of the slice is asked
 * instead, and is what is returned; a single second is asked group by group.
 *
 * Never throws for a query's sake: what failed is in the outcomes.
 */
export async function readSlice(
  shell: QueryShell,
  plan: Pick<ScanPlan, 'documentedQuery' | 'packQueries' | 'packRowsMax'>,
  lane: Lane,
  { logGroups, window }: Slice,
  deadline: Deadline,
): Promise<SliceReading[]> {
  const ask = (queryString: string) =>
    scanGroups(shell, { queryString, logGroups, window }, deadline);
  const [documented, ...pack] = await Promise.all([
    lane === 'scan' ? ask(plan.documentedQuery) : undefined,
    ...plan.packQueries.map(({ queryString }) => ask(queryString)),
  ]);
  const asked = documented === undefined ? pack : [documented, ...pack];
  const spent = {
    bytesScanned: asked.reduce((sum, scan) => sum + scan.bytesScanned, 0),
    doubts: asked.reduce((sum, scan) => sum + scan.doubts, 0),
  };
  const isCutOff = pack.some(({ rows }) => rows.length >= plan.packRowsMax);
  const smaller = isCutOff ? smallerSlices({ logGroups, window }) : [];
  if (smaller.length > 0) {
    shell.log('warn', 'slice-cut-off', { logGroups, window: windowTimes(window), lane });
    const readings: SliceReading[] = [];
    for (const slice of smaller) {
      readings.push(...(await readSlice(shell, plan, lane, slice, deadline)));
    }
    return readings.map((reading, at) => (at === 0 ? withSpent(reading, spent) : reading));
  }
  if (isCutOff) {
    shell.log('error', 'log-flood', { logGroups, window: windowTimes(window), lane });
  }
  return [
    {
      ...{ window, logGroups, ...spent, flooded: isCutOff },
      ...makeSense(plan, { logGroups, window }, documented, pack),
    },
  ];
}

/** The first half of the window, or one group at a time; none for a second of one group. */
function smallerSlices({ logGroups, window }: Slice): Slice[] {
  const [firstHalf] = halves(window) ?? [];
  if (firstHalf !== undefined) return [{ logGroups, window: firstHalf }];
  return logGroups.length === 1
    ? []
    : logGroups.map((logGroup) => ({ logGroups: [logGroup], window }));
}

function withSpent(
  reading: SliceReading,
  { bytesScanned, doubts }: Pick<SliceReading, 'bytesScanned' | 'doubts'>,
): SliceReading {
  return {
    ...reading,
    bytesScanned: reading.bytesScanned + bytesScanned,
    doubts: reading.doubts + doubts,
  };
}

/** Answers that make no sense fail the whole slice: nothing of it counts. */
function makeSense(
  { packQueries }: Pick<ScanPlan, 'packQueries'>,
  slice: Slice,
  documented: Scan | undefined,
  pack: readonly Scan[],
): Pick<SliceReading, 'outcomes' | 'events' | 'matches'> {
  const outcomes = worstOutcomes(documented === undefined ? pack : [documented, ...pack]);
  const scanned = slice.logGroups.filter((group) => outcomes.get(group)?.kind === 'scanned');
  try {
    const answers = packQueries.map((query, at) => ({ query, rows: pack[at]?.rows ?? [] }));
    const events = readPackRows(answers);
    for (const event of events) checkPlace(event, slice);
    return {
      outcomes,
      events: events.filter(({ logGroup }) => scanned.includes(logGroup)),
      ...(documented && { matches: matchesOf(documented, scanned) }),
    };
  } catch (cause) {
    const error = new Error('the result makes no sense', { cause });
    const failed = slice.logGroups.map((group) => [group, { kind: 'failed', error }] as const);
    return { outcomes: new Map(failed), events: [] };
  }
}

/** Of the groups that both queries read: the documented one may have read more. */
function matchesOf(documented: Scan, scanned: readonly string[]): Map<string, number> {
  const read = [...documented.outcomes].flatMap(([logGroup, { kind }]) =>
    kind === 'scanned' ? [logGroup] : [],
  );
  const counts = countMatches(documented.rows, read);
  return new Map([...counts].filter(([logGroup]) => scanned.includes(logGroup)));
}

function checkPlace({ logGroup, timestamp }: PackEvent, { logGroups, window }: Slice): void {
  if (!logGroups.includes(logGroup)) {
    throw new Error(`a row is of log group "${logGroup}", which was not asked for`);
  }
  if (timestamp < window.startEpochMs || timestamp >= window.endEpochMs) {
    throw new Error(`a row is of ${new Date(timestamp).toISOString()}, which was not asked for`);
  }
}
